import { StoreError } from "./store.ts";
import { md5Of, type SendToStore, settled } from "./store-http.ts";

/** Parts that S3 takes at most. */
const MAX_PARTS = 10_000;

/** A large file, and in what parts it goes. */
export interface LargeFile {
  readonly key: string;
  readonly body: Blob;
  readonly headers: Readonly<Record<string, string>>;
  readonly partBytes: number;
  readonly signal: AbortSignal;
}

/** Sends a file to S3 in parts, one after the other; what cannot be finished leaves nothing behind. */
export async function putInParts(send: SendToStore, file: LargeFile): Promise<void> {
  const { key, headers, signal } = file;
  const begun = await settled(await send({ method: "POST", key, query: "uploads=", headers, body: "", signal }));
  const id = /<UploadId>([^<]+)<\/UploadId>/.exec(begun)?.[1];
  if (id === undefined) throw new StoreError("the store does not take files in parts", false);
  const upload = `uploadId=${encodeURIComponent(id)}`;
  try {
    const parts = await sendParts(send, file, upload);
    const list = parts.map((etag, index) => `<Part><PartNumber>${index + 1}</PartNumber><ETag>${etag}</ETag></Part>`);
    const complete = `<CompleteMultipartUpload>${list.join("")}</CompleteMultipartUpload>`;
    const type = { "content-type": "application/xml" };
    // S3 says 200 before it knows: the words tell.
    await settled(await send({ method: "POST", key, query: upload, headers: type, body: complete, signal }));
  } catch (error) {
    await send({ method: "DELETE", key, query: upload, signal }).then(
      (answer) => answer.body?.cancel(),
      () => {},
    );
    throw error;
  }
}

async function sendParts(send: SendToStore, { key, body, partBytes, signal }: LargeFile, upload: string) {
  const size = Math.max(partBytes, Math.ceil(body.size / MAX_PARTS));
  const etags: string[] = [];
  for (let start = 0; start < body.size; start += size) {
    const part = body.slice(start, start + size);
    const headers = { "content-md5": await md5Of(part.stream()) };
    const query = `partNumber=${etags.length + 1}&${upload}`;
    const answer = await send({ method: "PUT", key, query, headers, body: part, signal });
    await settled(answer);
    const etag = answer.headers.get("etag");
    if (etag === null) throw new StoreError("the store does not say what has arrived", true);
    etags.push(etag.replaceAll("&", "&amp;").replaceAll("<", "&lt;"));
  }
  return etags;
}

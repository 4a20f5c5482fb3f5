import { createReadStream, openAsBlob } from "node:fs";
import { Readable } from "node:stream";
import { putInParts } from "./multipart.ts";
import { type FileToKeep, type KeptFile, type Store, StoreError } from "./store.ts";
import { md5Of, type SendToStore, settled } from "./store-http.ts";

/** How a store over HTTP is spoken to. */
export interface ObjectStoreOptions {
  readonly name: string;
  readonly send: SendToStore;
  /** Larger files go in parts of this size, as S3 wants it; undefined: in one. */
  readonly partBytes?: number | undefined;
}

/** Keeps recordings on a web server that takes PUT and DELETE, or one that speaks S3. */
export class ObjectStore implements Store {
  readonly name: string;
  readonly #send: SendToStore;
  readonly #partBytes: number;

  constructor({ name, send, partBytes = Number.POSITIVE_INFINITY }: ObjectStoreOptions) {
    this.name = name;
    this.#send = send;
    this.#partBytes = partBytes;
  }

  async put(key: string, { path, type, cache }: FileToKeep, signal: AbortSignal): Promise<void> {
    const body = await openAsBlob(path);
    const headers = { "content-type": type, "cache-control": cache };
    if (body.size > this.#partBytes) {
      await putInParts(this.#send, { key, body, headers, partBytes: this.#partBytes, signal });
    } else {
      // The server compares it with what has arrived.
      const md5 = { "content-md5": await md5Of(createReadStream(path)) };
      await settled(await this.#send({ method: "PUT", key, headers: { ...headers, ...md5 }, body, signal }));
    }
    const head = await this.#send({ method: "HEAD", key, signal });
    await settled(head);
    const length = head.headers.get("content-length");
    if (length !== null && Number(length) !== body.size) {
      throw new StoreError(`${key} did not arrive whole: ${length} of ${body.size} bytes`, true);
    }
  }

  async get(key: string, range: string | undefined, signal: AbortSignal): Promise<KeptFile | undefined> {
    const headers = range === undefined ? {} : { range };
    const answer = await this.#send({ method: "GET", key, headers, signal });
    if (answer.status === 404 || answer.body === null) {
      await answer.body?.cancel();
      return undefined;
    }
    if (answer.status !== 200 && answer.status !== 206) await settled(answer);
    return {
      status: answer.status === 206 ? 206 : 200,
      bytes: Number(answer.headers.get("content-length")),
      range: answer.headers.get("content-range") ?? undefined,
      body: Readable.from(piecesOf(answer.body)),
    };
  }

  async delete(key: string, signal: AbortSignal): Promise<void> {
    const answer = await this.#send({ method: "DELETE", key, signal });
    if (answer.status === 404) await answer.body?.cancel();
    else await settled(answer);
  }
}

/** Whoever stops reading ends the answer. */
async function* piecesOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = stream.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } finally {
    await reader.cancel().catch(() => {});
  }
}

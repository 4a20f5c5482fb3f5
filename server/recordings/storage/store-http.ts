import { createHash } from "node:crypto";
import { StoreError } from "./store.ts";

/** One request to a store over HTTP. */
export interface StoreRequest {
  readonly method: "PUT" | "GET" | "HEAD" | "DELETE" | "POST";
  readonly key: string;
  /** Without its question mark. */
  readonly query?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Blob | string;
  readonly signal: AbortSignal;
}

/** Sends a request with whatever shows who sends it. */
export type SendToStore = (request: StoreRequest) => Promise<Response>;

/** Reads an answer to its end; throws when it is a refusal. */
export async function settled(answer: Response): Promise<string> {
  const text = await answer.text();
  if (answer.ok && !text.includes("<Error>")) return text;
  const words = /<Message>([^<]*)<\/Message>/.exec(text)?.[1] ?? answer.statusText;
  const mayPass = answer.ok || answer.status >= 500 || [408, 409, 425, 429].includes(answer.status);
  throw new StoreError(`the store answered ${answer.status}: ${words}`, mayPass);
}

/** Base64, as Content-MD5 has it (RFC 1864). */
export async function md5Of(bytes: AsyncIterable<Uint8Array>): Promise<string> {
  const hash = createHash("md5");
  for await (const piece of bytes) hash.update(piece);
  return hash.digest("base64");
}

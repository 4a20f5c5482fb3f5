import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import { listening } from "./listening.ts";

/** What a stand-in answers. */
export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** An iterable is sent piece by piece, without a length. */
  readonly body: Uint8Array | string | AsyncIterable<Uint8Array>;
  /** Sent compressed to whoever takes that. */
  readonly compress?: boolean;
}

/** A small HTTP server that answers whatever `answer` says; `url` has no slash at its end. */
export async function serveReplies(
  answer: (url: URL) => Reply | Promise<Reply>,
): Promise<AsyncDisposable & { readonly url: string }> {
  const server = createServer((request, response) => {
    void reply(request, response, answer).catch(() => response.destroy());
  });
  const on = await listening(server);
  return { ...on, url: `http://127.0.0.1:${on.port}` };
}

async function reply(
  request: IncomingMessage,
  response: ServerResponse,
  answer: (url: URL) => Reply | Promise<Reply>,
): Promise<void> {
  const { status, headers, body, compress } = await answer(new URL(request.url ?? "/", "http://localhost"));
  if (typeof body !== "string" && !(body instanceof Uint8Array)) {
    response.writeHead(status, headers).flushHeaders();
    for await (const piece of body) response.write(piece);
    response.end();
    return;
  }
  const zip = compress === true && /gzip/.test(String(request.headers["accept-encoding"]));
  const bytes = zip ? gzipSync(body) : Buffer.from(body);
  const length = { "content-length": String(bytes.byteLength), ...(zip ? { "content-encoding": "gzip" } : {}) };
  response.writeHead(status, { ...headers, ...length }).end(bytes);
}

/** Bytes in so many pieces, with a pause before each but the first. */
export async function* inPieces(bytes: Uint8Array, count: number, pauseMs: number): AsyncGenerator<Uint8Array> {
  const size = Math.ceil(bytes.byteLength / count);
  for (let at = 0; at < bytes.byteLength; at += size) {
    if (at > 0) await sleep(pauseMs);
    yield bytes.subarray(at, at + size);
  }
}

/** The same answer with another value of a header, or without it. */
export function withHeader({ headers, ...reply }: Reply, name: string, value: string | undefined): Reply {
  const others = Object.entries(headers).filter(([key]) => key !== name);
  return { ...reply, headers: Object.fromEntries(value === undefined ? others : [...others, [name, value]]) };
}

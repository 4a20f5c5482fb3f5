import { STATUS_CODES } from "node:http";
import type { Socket } from "node:net";
import { problemOf } from "./problems.ts";

/**
 * Answers what is no request that Node can read, such as one with too large a header, on the bare connection: Fastify
 * never sees it. The connection is of no further use.
 */
export function answerUnparsed(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === "ECONNRESET" || !socket.writable) return void socket.destroy();
  const [status, detail] = verdictOn(error);
  const body = JSON.stringify(problemOf(status, detail));
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    "Content-Type: application/problem+json",
    `Content-Length: ${Buffer.byteLength(body)}`,
    "Connection: close",
  ];
  socket.end(`${head.join("\r\n")}\r\n\r\n${body}`, () => socket.destroySoon());
}

/** What is said of a header that is larger than allowed, be it over HTTP/1.1 or HTTP/2. */
export const HEADER_TOO_LARGE = "the header of the request is larger than allowed (MILLRACE_MAX_HEADER_BYTES)";

function verdictOn({ code }: NodeJS.ErrnoException): [status: number, detail: string] {
  if (code === "HPE_HEADER_OVERFLOW") return [431, HEADER_TOO_LARGE];
  if (code === "ERR_HTTP_REQUEST_TIMEOUT") return [408, "the header of the request did not come in time"];
  return [400, "this is no HTTP request"];
}

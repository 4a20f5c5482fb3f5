import { Http2ServerRequest } from "node:http2";
import type { FastifyRequest } from "fastify";
import { clientAddress, isPassedOn } from "../core/client-address.ts";
import type { Connection } from "./admission.ts";

/** Names of programs are shorter; what is longer is there to fill memory. */
const MAX_AGENT = 256;

/** What tells people apart who say nothing of themselves: their address, and what they watch with. */
export function nameOfVisitor(request: FastifyRequest): string {
  return `${clientAddress(request) ?? ""} ${request.headers["user-agent"]?.slice(0, MAX_AGENT) ?? ""}`;
}

/** Somebody who asks over HTTP: a connection, or a name where a proxy shares its connections among many. */
export function visitorOf(request: FastifyRequest): Connection | string {
  if (isPassedOn(request)) return nameOfVisitor(request);
  const raw: object = request.raw;
  // Over HTTP/2 each request has a socket of its own, which is none.
  return raw instanceof Http2ServerRequest ? (raw.stream.session ?? request.raw) : request.raw.socket;
}

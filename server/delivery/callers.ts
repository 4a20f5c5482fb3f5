import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { clientAddress, isPassedOn } from "../core/client-address.ts";
import type { ConnectionLimit } from "../core/connection-limit.ts";
import { LiveError } from "../core/errors.ts";
import type { RequestLimit } from "../core/request-limit.ts";
import { sendProblem } from "./problems.ts";
import { HEADER_TOO_LARGE } from "./unparsed.ts";

/** What every request is held against before anything else. */
export interface CallerLimits {
  readonly connections: Pick<ConnectionLimit, "enter" | "refusal">;
  readonly requests: Pick<RequestLimit, "take">;
  readonly maxHeaderBytes: number;
}

/** Refuses who has too many connections, asks for changes too often or sends too large a header. */
export function limitCallers(http: FastifyInstance, limits: CallerLimits): void {
  const { connections, requests, maxHeaderBytes } = limits;
  http.addHook("onRequest", (request, reply, done) => {
    const refusal = isPassedOn(request) ? enter(connections, request, reply) : connections.refusal(request.socket);
    if (refusal !== undefined) {
      endUpgrade(request, reply);
      reply.header("connection", "close");
      return done(new LiveError("too_many", refusal));
    }
    // Over HTTP/1.1 the parser has seen to it.
    if (request.raw.httpVersionMajor > 1 && headerBytes(request) > maxHeaderBytes) {
      return void sendProblem(reply, 431, HEADER_TOO_LARGE);
    }
    if (isReading(request)) return done();
    const seconds = requests.take(clientAddress(request) ?? "");
    if (seconds === 0) return done();
    endUpgrade(request, reply);
    reply.header("retry-after", String(seconds));
    done(new LiveError("too_many", "this address does that too often (MILLRACE_MAX_REQUESTS_PER_SECOND)"));
  });
}

/** What a proxy passes on counts as a connection of whoever sent it, until it is over; why it may not be, if so. */
function enter(
  connections: CallerLimits["connections"],
  request: FastifyRequest,
  reply: FastifyReply,
): string | undefined {
  const entered = connections.enter(clientAddress(request) ?? "");
  if (typeof entered === "string") return entered;
  const isUpgrade = request.headers.upgrade !== undefined;
  (isUpgrade ? request.raw.socket : reply.raw).once("close", entered);
  return undefined;
}

/** Reading, media above all, is not counted: it costs little, and players do much of it. */
export function isReading({ method, headers }: FastifyRequest): boolean {
  return headers.upgrade === undefined && (method === "GET" || method === "HEAD" || method === "OPTIONS");
}

/** The socket of an upgrade is nobody's yet: left open, it would hold up the end of the server. */
function endUpgrade(request: FastifyRequest, reply: FastifyReply): void {
  if (request.headers.upgrade === undefined) return;
  reply.raw.once("finish", () => request.raw.socket.destroySoon());
}

function headerBytes({ raw }: FastifyRequest): number {
  return raw.rawHeaders.reduce((sum, text) => sum + Buffer.byteLength(text), 0);
}

import type { FastifyReply, FastifyRequest } from "fastify";
import type { CachedText } from "./cached-text.ts";

/** A playlist or manifest, and how it may be cached. */
export interface TextAnswer {
  readonly type: string;
  readonly cache: string;
  readonly text: CachedText;
}

/** Sends a text, compressed for those who say that they take it. */
export function sendText(request: FastifyRequest, reply: FastifyReply, answer: TextAnswer): FastifyReply {
  const { type, cache, text } = answer;
  reply.type(type).header("cache-control", cache).header("vary", "accept-encoding");
  if (!takesGzip(request.headers["accept-encoding"])) return reply.send(text.plain);
  return reply.header("content-encoding", "gzip").send(text.gzipped);
}

/** RFC 9110 §12.5.3, as far as it is about gzip: named, and not with the weight 0. */
export function takesGzip(accepted: string | string[] | undefined): boolean {
  const weight = /(?:^|,)\s*(?:x-)?gzip\s*(?:;\s*q=([\d.]+))?\s*(?:,|$)/i.exec(String(accepted ?? ""));
  return weight !== null && Number(weight[1] ?? 1) > 0;
}

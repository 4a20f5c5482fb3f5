import type { FastifyReply } from "fastify";
import type { OpenSegment, SegmentFollower } from "../packaging/open-segment.ts";

/** A viewer for whom more than this waits is cut off: about ten seconds of a good picture. */
const MAX_WAITING_BYTES = 4 * 1024 * 1024;

/**
 * Has nginx, and who does as it does, pass on each chunk as it comes, whatever its settings say, and keep none of it:
 * what is whole later has the same address, and may be kept for ever.
 */
const AS_IT_COMES = { "x-accel-buffering": "no" };

/**
 * Sends a segment while it is being made (chunked transfer): what there is of it at once, then each chunk as it comes,
 * from the same buffers for everybody. The headers that hooks have set are kept.
 */
export function sendOpenSegment(reply: FastifyReply, open: OpenSegment, headers: Record<string, string>): void {
  reply.hijack();
  const { raw } = reply;
  raw.writeHead(200, { ...presentHeaders(reply), ...AS_IT_COMES, ...headers });
  if (reply.request.method === "HEAD") {
    raw.end();
    return;
  }
  const viewer: SegmentFollower = {
    chunk(bytes) {
      raw.write(bytes);
      if (raw.writableLength > MAX_WAITING_BYTES) raw.destroy();
    },
    end: () => raw.end(),
  };
  const following = open.follow(viewer);
  raw.once("close", () => following[Symbol.dispose]());
}

function presentHeaders(reply: FastifyReply): Record<string, string> {
  return Object.fromEntries(Object.entries(reply.getHeaders()).map(([name, value]) => [name, String(value)]));
}

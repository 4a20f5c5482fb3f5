import type { FastifyReply } from "fastify";
import type { OpenSegment, SegmentFollower } from "../packaging/open-segment.ts";

/** A viewer for whom more than this waits is cut off: about ten seconds of a good picture. */
const MAX_WAITING_BYTES = 4 * 1024 * 1024;

/**
 * Sends a segment while it is being made (chunked transfer): what there is of it at once, then each chunk as it comes,
 * from the same buffers for everybody. The headers that hooks have set are kept.
 */
export function sendOpenSegment(reply: FastifyReply, open: OpenSegment, headers: Record<string, string>): void {
  reply.hijack();
  const { raw } = reply;
  raw.writeHead(200, { ...presentHeaders(reply), ...headers });
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

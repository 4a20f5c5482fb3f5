import type { Socket } from "node:net";
import type { FastifyInstance, FastifyPluginAsync } from "fastify";
import { z } from "zod";
import { clientAddress } from "../../core/client-address.ts";
import { LiveError } from "../../core/errors.ts";
import { channelName } from "../../protocol/names.ts";
import type { DeliveryName } from "../../protocol/stats.ts";
import { nameOfVisitor } from "../visitor.ts";
import { readReport, reportIn } from "./cmcd.ts";
import type { ViewerBook } from "./viewer-book.ts";

/** A batch of reports is smaller. */
const MAX_BODY_BYTES = 64 * 1024;
const params = z.object({ channel: channelName });

/** Notes who asks for what below `app`, after each answer. */
export function countPlayers(app: FastifyInstance, book: ViewerBook): void {
  const written = new WeakMap<Socket, number>();
  app.addHook<{ Params: { channel?: string } }>("onResponse", (request, reply, done) => {
    const { channel } = request.params;
    if (channel !== undefined && reply.statusCode < 400) {
      const { socket } = request.raw;
      const before = written.get(socket) ?? 0;
      written.set(socket, socket.bytesWritten);
      book.note({
        channel,
        address: clientAddress(request),
        visitor: nameOfVisitor(request),
        delivery: deliveryOf(request.url),
        // What the connection has carried since the last answer: streams tell their length nowhere else.
        bytes: Math.max(0, socket.bytesWritten - before),
        report: reportIn(request.headers, request.query),
      });
    }
    done();
  });
}

/** What the collector needs. */
export interface CmcdRoutesOptions {
  readonly book: ViewerBook;
  /** Whether there is something to watch on a channel. */
  readonly isThere: (channel: string) => boolean;
}

/** `POST /live/CHANNEL/cmcd`: where players send events (CMCD version 2), a line each. */
export const cmcdRoutes: FastifyPluginAsync<CmcdRoutesOptions> = async (app, { book, isThere }) => {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("*", { parseAs: "string", bodyLimit: MAX_BODY_BYTES }, (_request, body, done) =>
    done(null, body),
  );
  app.post("/live/:channel/cmcd", async (request, reply) => {
    const { channel } = params.parse(request.params);
    // Nobody watches what is not there, and names cost memory.
    if (!isThere(channel)) throw new LiveError("not_found", `the channel ${channel} is not live`);
    const text = z.string().catch("").parse(request.body);
    for (const line of text.split("\n")) {
      const report = line === "" ? undefined : readReport(line.replace(/^CMCD=/, ""));
      if (report?.session === undefined) continue;
      const who = { address: clientAddress(request), visitor: nameOfVisitor(request) };
      book.note({ channel, ...who, delivery: undefined, bytes: 0, report });
    }
    return reply.code(204).send();
  });
};

function deliveryOf(url: string): DeliveryName | undefined {
  const path = url.split("?", 1)[0] ?? "";
  if (path.endsWith(".m3u8")) return "hls";
  return path.endsWith(".mpd") ? "dash" : undefined;
}

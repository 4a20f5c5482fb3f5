import type { FastifyPluginAsync } from "fastify";
import { z } from "zod";
import { LiveError } from "../core/errors.ts";
import { FOREVER } from "../core/http-headers.ts";
import type { LiveStore } from "../packaging/live-store.ts";
import type { Part } from "../packaging/segment.ts";
import { hold } from "./hold.ts";
import { type AskedTrack, longestHoldMs, trackAt, trackParams } from "./live-request.ts";

const params = trackParams.extend({
  run: z.coerce.number().int().nonnegative(),
  file: z.union([z.literal("init.mp4"), z.string().regex(/^(part)?\d{1,12}\.m4s$/)]),
});

/** Init segments, segments and parts, from memory. Under each address there is only ever one thing. */
export const mediaRoutes: FastifyPluginAsync<{ readonly store: LiveStore }> = async (app, { store }) => {
  app.get("/live/:channel/:broadcast/:track/:run/:file", async (request, reply) => {
    const { run, file, ...place } = params.parse(request.params);
    const asked = trackAt(store, place);
    const { track } = asked;
    const bytes = file.startsWith("part")
      ? (await partAt(asked, run, Number.parseInt(file.slice("part".length), 10), request.signal))?.bytes
      : file === "init.mp4"
        ? track.window.init(run)?.bytes
        : track.window.segment(run, Number.parseInt(file, 10))?.bytes;
    if (bytes === undefined) throw new LiveError("not_found", `${track.name} has no ${file} of run ${run} (any more)`);
    return reply.type(`${track.kind}/mp4`).header("cache-control", FOREVER).send(bytes);
  });
};

/** A part; the one that comes next, which playlists hint at, is waited for (RFC 8216bis §6.2.6). */
async function partAt(
  { presentation, track }: AskedTrack,
  run: number,
  number: number,
  signal: AbortSignal,
): Promise<Part | undefined> {
  const look = (): { readonly part: Part | undefined } | undefined => {
    const part = track.window.part(run, number);
    const isNext = track.next?.run === run && track.next.part === number && !presentation.ended;
    return part !== undefined || !isNext ? { part } : undefined;
  };
  const { part } = await hold({ pulse: track.moved, signal, limitMs: longestHoldMs(presentation) }, look);
  return part;
}

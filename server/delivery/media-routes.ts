import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import { LiveError } from "../core/errors.ts";
import { FOREVER } from "../core/http-headers.ts";
import type { LiveStore } from "../packaging/live-store.ts";
import type { OpenSegment } from "../packaging/open-segment.ts";
import { hold, type Leaving } from "./hold.ts";
import { type AskedTrack, longestHoldMs, trackAt, trackParams } from "./live-request.ts";
import { sendOpenSegment } from "./segment-stream.ts";

const params = trackParams.extend({
  run: z.coerce.number().int().nonnegative(),
  file: z.union([z.literal("init.mp4"), z.string().regex(/^(part)?\d{1,12}\.m4s$/)]),
});

/** A file of a track. */
interface AskedFile extends AskedTrack {
  readonly run: number;
  readonly number: number;
  readonly request: Leaving;
}

/** What was found: bytes, the segment that is being made, or nothing. */
interface Found {
  readonly media: Uint8Array | OpenSegment | undefined;
}

/** Instead of a segment for which nothing came: players that go by numbers ask for it all the same. Only `styp`. */
const EMPTY_SEGMENT = Buffer.from("\0\0\0\x18stypmsdh\0\0\0\0msdhmsix", "latin1");

/** Init segments, segments and parts, from memory. Under each address there is only ever one thing. */
export const mediaRoutes: FastifyPluginAsync<{ readonly store: LiveStore }> = async (app, { store }) => {
  app.get("/live/:channel/:broadcast/:track/:run/:file", async (request, reply) => {
    const { run, file, ...place } = params.parse(request.params);
    const asked = trackAt(store, place);
    const { media } = await find(asked, run, file, request);
    if (media === undefined) {
      throw new LiveError("not_found", `${asked.track.name} has no ${file} of run ${run} (any more)`);
    }
    return send(reply, `${asked.track.kind}/mp4`, media);
  });
};

async function find(asked: AskedTrack, run: number, file: string, { raw }: FastifyRequest): Promise<Found> {
  if (file === "init.mp4") return { media: asked.track.window.init(run)?.bytes };
  const isPart = file.startsWith("part");
  const number = Number.parseInt(isPart ? file.slice("part".length) : file, 10);
  const wanted: AskedFile = { ...asked, run, number, request: raw };
  return isPart ? findPart(wanted) : findSegment(wanted);
}

/** A part; the one that comes next, which playlists hint at, is waited for (RFC 8216bis §6.2.6). */
function findPart({ presentation, track, run, number, request }: AskedFile): Promise<Found> {
  return hold({ pulse: track.moved, request, limitMs: longestHoldMs(presentation) }, () => {
    const part = track.window.part(run, number);
    const isNext = track.next?.run === run && track.next.part === number && !presentation.ended;
    return part !== undefined || !isNext ? { media: part?.bytes } : undefined;
  });
}

/** A segment, also the one that is being made; the one after it is waited for: manifests promise it early. */
function findSegment({ presentation, track, run, number, request }: AskedFile): Promise<Found> {
  return hold({ pulse: track.opened, request, limitMs: longestHoldMs(presentation) }, () => {
    const { open, window, next } = track;
    if (open?.boundary.number === number && open.init.run === run && !open.isEmpty) return { media: open };
    const isNext = next?.run === run && track.nextSegment === number && !presentation.ended;
    if (isNext) return undefined;
    return { media: window.segment(run, number)?.bytes ?? (window.isGap(run, number) ? EMPTY_SEGMENT : undefined) };
  });
}

function send(reply: FastifyReply, type: string, media: Uint8Array | OpenSegment): FastifyReply {
  if (media instanceof Uint8Array) return reply.type(type).header("cache-control", FOREVER).send(media);
  sendOpenSegment(reply, media, { "content-type": type, "cache-control": FOREVER });
  return reply;
}

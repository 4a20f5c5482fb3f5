import type { FastifyPluginAsync, FastifyReply } from "fastify";
import { LiveError } from "../core/errors.ts";
import { FOREVER } from "../core/http-headers.ts";
import type { LiveStore } from "../packaging/live-store.ts";
import type { OpenSegment } from "../packaging/open-segment.ts";
import { hold, type Leaving } from "./hold.ts";
import { type AskedTrack, longestHoldMs, type TrackAddress, trackAt } from "./live-request.ts";
import { sendOpenSegment } from "./segment-stream.ts";

type FileAddress = TrackAddress & Readonly<Record<"run" | "file", string>>;

const RUN = /^\d{1,9}$/;
const FILE = /^(?:(init)\.mp4|(part)?(\d{1,12})\.m4s)$/;

/** A file of a track. */
interface AskedFile extends AskedTrack {
  readonly kind: "init" | "part" | "segment";
  readonly run: number;
  /** Of the part or segment. */
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
  app.get<{ Params: FileAddress }>("/live/:channel/:broadcast/:track/:run/:file", async ({ params, raw }, reply) => {
    const asked = fileAt(trackAt(store, params), params, raw);
    const { media } = await find(asked);
    const { track } = asked;
    if (media !== undefined) return send(reply, `${track.kind}/mp4`, media);
    throw new LiveError("not_found", `${track.name} has no ${params.file} of run ${params.run} (any more)`);
  });
};

function fileAt({ presentation, track }: AskedTrack, { run, file }: FileAddress, request: Leaving): AskedFile {
  const [isFile, init, part, number] = FILE.exec(file) ?? [];
  if (isFile === undefined || !RUN.test(run)) {
    throw new LiveError("bad_request", `${run}/${file} is not how init segments, segments and parts are called`);
  }
  const kind = init !== undefined ? "init" : part !== undefined ? "part" : "segment";
  return { presentation, track, kind, run: Number(run), number: Number(number), request };
}

async function find(asked: AskedFile): Promise<Found> {
  const { kind, track, run } = asked;
  if (kind === "init") return { media: track.window.init(run)?.bytes };
  return kind === "part" ? findPart(asked) : findSegment(asked);
}

/** A part; the one that comes next, which playlists hint at, is waited for (RFC 8216bis §6.2.6). */
function findPart({ presentation, track, run, number, request }: AskedFile): Promise<Found> {
  return hold({ pulse: track.moved, request, limitMs: longestHoldMs(presentation) }, () => {
    const part = track.window.part(run, number);
    const isOver = presentation.ended || track.isRetired;
    const isNext = track.next?.run === run && track.next.part === number && !isOver;
    return part !== undefined || !isNext ? { media: part?.bytes } : undefined;
  });
}

/** A segment, also the one that is being made; the one after it is waited for: manifests promise it early. */
function findSegment({ presentation, track, run, number, request }: AskedFile): Promise<Found> {
  return hold({ pulse: track.opened, request, limitMs: longestHoldMs(presentation) }, () => {
    const { open, window, next } = track;
    if (open?.boundary.number === number && open.init.run === run && !open.isEmpty) return { media: open };
    const isOver = presentation.ended || track.isRetired;
    const isNext = next?.run === run && track.nextSegment === number && !isOver;
    if (isNext) return undefined;
    return { media: window.segment(run, number)?.bytes ?? (window.isGap(run, number) ? EMPTY_SEGMENT : undefined) };
  });
}

function send(reply: FastifyReply, type: string, media: Uint8Array | OpenSegment): FastifyReply {
  if (media instanceof Uint8Array) return reply.type(type).header("cache-control", FOREVER).send(media);
  sendOpenSegment(reply, media, { "content-type": type, "cache-control": FOREVER });
  return reply;
}

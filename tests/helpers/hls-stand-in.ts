import { setTimeout as sleep } from "node:timers/promises";
import { type Reply, serveReplies } from "./answering.ts";
import { LoopedMedia } from "./looped-media.ts";

const TRACKS = ["hi", "lo"] as const;
export type TrackName = (typeof TRACKS)[number];

/** What a media playlist is written from. */
export interface Moment {
  readonly track: TrackName;
  /** Parts there are since the stream began. */
  readonly parts: number;
  readonly query: URLSearchParams;
  readonly ended: boolean;
}

/** Where a stand-in breaks the rules. Without any of it, it keeps them all. */
export interface HlsFaults {
  /** Segments in a playlist; 10 when not given. */
  readonly window?: number;
  /** Segments whose parts are listed. */
  readonly withParts?: number;
  /** How many parts there are `ms` after the start of the server, for a track. */
  readonly clock?: (parts: number, track: TrackName, ms: number) => number;
  readonly ended?: boolean;
  /** Directives that are not looked at. */
  readonly ignores?: readonly string[];
  /** Changes a media playlist before it is sent. */
  readonly playlist?: (text: string, moment: Moment) => string;
  /** Changes the multivariant playlist before it is sent. */
  readonly master?: (text: string) => string;
  /** Answers instead of the stand-in. */
  readonly answer?: (url: URL, firstListed: number) => Reply | undefined;
  /** Changes any answer. */
  readonly reply?: (reply: Reply, url: URL) => Reply;
  /** How long a blocking reload is held before it is given up, and what it gets then. */
  readonly giveUp?: { readonly afterMs: number; readonly status: number };
}

const PART_MS = 200;
export const PARTS = 5;
const HISTORY_SEGMENTS = 15;
const KEPT_SEGMENTS = 4;
const HLS_TYPE = "application/vnd.apple.mpegurl";
const EPOCH = Date.parse("2026-01-01T00:00:00.000Z");

/** Made once, before anybody is served: FFmpeg is waited for with everything at a standstill. */
const media = new Map<TrackName, LoopedMedia>();
export function mediaOf(track: TrackName): LoopedMedia {
  const known = media.get(track) ?? new LoopedMedia(track === "hi" ? "160x90" : "96x54");
  media.set(track, known);
  return known;
}

/** A low-latency HLS server that has been live for a while, with segments of 1 s in 5 parts; for breaking. */
export function hlsStandIn(faults: HlsFaults = {}): Promise<AsyncDisposable & { readonly url: string }> {
  for (const track of TRACKS) mediaOf(track);
  const stream = new Stream(faults);
  return serveReplies(async (url) => {
    const own = await stream.answer(url);
    return faults.reply?.(own, url) ?? own;
  });
}

class Stream {
  readonly #faults: HlsFaults;
  readonly #began = performance.now();

  constructor(faults: HlsFaults) {
    this.#faults = faults;
  }

  async answer(url: URL): Promise<Reply> {
    const { pathname, searchParams } = url;
    const [, track = "", file = ""] = pathname.split("/");
    const special = this.#faults.answer?.(url, this.#firstListed(this.#parts("hi")));
    if (special !== undefined) return special;
    if (pathname === "/master.m3u8") return text(this.#faults.master?.(MASTER) ?? MASTER);
    if (track !== "hi" && track !== "lo") return missing();
    if (file.startsWith("playlist")) return this.#playlistReply(track, searchParams);
    if (file === "init.mp4") return bytes(mediaOf(track).init);
    return this.#mediaReply(track, file);
  }

  #parts(track: TrackName): number {
    const ms = performance.now() - this.#began;
    const parts = HISTORY_SEGMENTS * PARTS + Math.floor((this.#faults.ended ? 0 : ms) / PART_MS);
    return this.#faults.clock?.(parts, track, ms) ?? parts;
  }

  #firstListed(parts: number): number {
    return Math.max(0, Math.floor(parts / PARTS) - (this.#faults.window ?? 10));
  }

  async #playlistReply(track: TrackName, query: URLSearchParams): Promise<Reply> {
    const asked = (name: string) => (this.#faults.ignores?.includes(name) ? null : query.get(name));
    const [msn, part] = [asked("_HLS_msn"), asked("_HLS_part")];
    const now = this.#parts(track);
    const complete = Math.floor(now / PARTS);
    const ended = this.#faults.ended === true;
    if (!ended && part !== null && msn === null) return refusal(400);
    if (!ended && msn !== null) {
      const wanted = Number(msn) * PARTS + Math.min(part === null ? PARTS - 1 : Number(part), PARTS) + 1;
      if (Number(msn) > complete + 1 || Number(part ?? 0) > PARTS + 15) return refusal(400);
      const { afterMs, status } = this.#faults.giveUp ?? { afterMs: 3000, status: 503 };
      const until = performance.now() + afterMs;
      while (this.#parts(track) < wanted && performance.now() < until) await sleep(5);
      if (this.#parts(track) < wanted && status !== 200) return refusal(status);
    }
    const moment = { track, parts: this.#parts(track), query, ended };
    const plain = this.#write(moment, asked("_HLS_skip"));
    return text(this.#faults.playlist?.(plain, moment) ?? plain);
  }

  #write({ track, parts, ended }: Moment, skip: string | null): string {
    const complete = Math.floor(parts / PARTS);
    const first = this.#firstListed(parts);
    const skipped = skip !== null && !ended ? Math.max(0, complete - 6 - first) : 0;
    const lines = [
      "#EXTM3U",
      "#EXT-X-VERSION:9",
      "#EXT-X-TARGETDURATION:1",
      "#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,PART-HOLD-BACK=0.6,HOLD-BACK=3,CAN-SKIP-UNTIL=6",
      "#EXT-X-PART-INF:PART-TARGET=0.2",
      `#EXT-X-MEDIA-SEQUENCE:${first}`,
      "#EXT-X-DISCONTINUITY-SEQUENCE:0",
      ...(skipped > 0 ? [`#EXT-X-SKIP:SKIPPED-SEGMENTS=${skipped}`] : [`#EXT-X-MAP:URI="init.mp4"`]),
    ];
    for (let number = first + skipped; number <= complete; number++) {
      const listed = number === complete ? parts % PARTS : PARTS;
      lines.push(`#EXT-X-PROGRAM-DATE-TIME:${new Date(EPOCH + number * 1000).toISOString()}`);
      if (number >= complete - (this.#faults.withParts ?? 3)) lines.push(...partLines(number, listed));
      if (number < complete) lines.push("#EXTINF:1.000,", `${number}.m4s`);
    }
    if (ended) return `${[...lines, "#EXT-X-ENDLIST"].join("\n")}\n`;
    const other = track === "hi" ? "lo" : "hi";
    const last = this.#parts(other) - 1;
    lines.push(
      `#EXT-X-PRELOAD-HINT:TYPE=PART,URI="${complete}.${parts % PARTS}.part.m4s"`,
      `#EXT-X-RENDITION-REPORT:URI="../${other}/playlist.m3u8",LAST-MSN=${Math.floor(last / PARTS)},LAST-PART=${last % PARTS}`,
    );
    return `${lines.join("\n")}\n`;
  }

  async #mediaReply(track: TrackName, file: string): Promise<Reply> {
    const [, number, part] = /^(\d+)(?:\.(\d+)\.part)?\.m4s$/.exec(file) ?? [];
    if (number === undefined) return missing();
    const index = Number(number) * PARTS + (part === undefined ? PARTS - 1 : Number(part));
    const now = this.#parts(track);
    const oldest = this.#firstListed(now) - KEPT_SEGMENTS;
    // One part ahead is what is hinted.
    if (Number(number) < oldest || index > now + (part === undefined ? -1 : 0)) return missing();
    const until = performance.now() + 4000;
    while (this.#parts(track) <= index && performance.now() < until) await sleep(5);
    const loop = mediaOf(track);
    const step = loop.chunksInSegment / PARTS;
    const chunks =
      part === undefined
        ? loop.chunks(Number(number))
        : loop.chunks(Number(number), Number(part) * step, (Number(part) + 1) * step);
    return bytes(Buffer.concat(chunks));
  }
}

const MASTER = `#EXTM3U
#EXT-X-VERSION:7
#EXT-X-STREAM-INF:BANDWIDTH=200000,CODECS="avc1.42c00b",RESOLUTION=160x90
hi/playlist.m3u8
#EXT-X-STREAM-INF:BANDWIDTH=100000,CODECS="avc1.42c00b",RESOLUTION=96x54
lo/playlist.m3u8
`;

function partLines(number: number, count: number): string[] {
  return Array.from(
    { length: count },
    (_, part) => `#EXT-X-PART:DURATION=0.2,URI="${number}.${part}.part.m4s"${part === 0 ? ",INDEPENDENT=YES" : ""}`,
  );
}

const OPEN = { "access-control-allow-origin": "*" };

/** A playlist. */
export function text(body: string): Reply {
  return {
    status: 200,
    headers: { ...OPEN, "content-type": HLS_TYPE, "cache-control": "no-cache" },
    body,
    compress: true,
  };
}

/** Media. */
export function bytes(body: Uint8Array): Reply {
  return {
    status: 200,
    headers: { ...OPEN, "content-type": "video/mp4", "cache-control": "public, max-age=60" },
    body,
  };
}

export function refusal(status: number): Reply {
  return { status, headers: OPEN, body: "" };
}

export const missing = (): Reply => refusal(404);

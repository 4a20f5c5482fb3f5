import { setTimeout as sleep } from "node:timers/promises";
import { type Reply, serveReplies } from "./answering.ts";
import { LoopedMedia } from "./looped-media.ts";
import { box, words } from "./media-boxes.ts";

/** Where a stand-in breaks the rules. Without any of it, it keeps them all. */
export interface DashFaults {
  /** Lists segments in a SegmentTimeline instead of letting players reckon. */
  readonly timeline?: boolean;
  /** Segments by which the timeline is behind. */
  readonly behind?: number;
  /** Changes the manifest before it is sent; `count` goes up with every request. */
  readonly manifest?: (text: string, count: number) => string;
  /** Answers instead of the stand-in; `count` goes up with every request for the manifest. */
  readonly answer?: (url: URL, count: number) => Reply | undefined;
  /** Changes any answer. */
  readonly reply?: (reply: Reply, url: URL) => Reply;
  /** Which chunks of a segment there are. */
  readonly chunks?: (number: number) => Uint8Array[];
  /** ms that the prft boxes are wrong by; null: there are none. */
  readonly prftOffsetMs?: number | null;
  /** ms that a group of chunks (0 to 9) comes late by. */
  readonly lateMs?: (group: number) => number;
  /** Added to a segment that is asked for when it is complete. */
  readonly tail?: Uint8Array;
}

/** A segment of 1 s is sent in ten groups of three frames. */
const GROUPS = 10;
const GROUP_MS = 100;
const HISTORY_MS = 15_000;
const WINDOW_SECONDS = 10;
const TICKS = 90_000;
/** Seconds from 1900 to 1970. */
const NTP = 2_208_988_800;

const known: { media?: LoopedMedia } = {};
/** Made once, before anybody is served: FFmpeg is waited for with everything at a standstill. */
export function dashMedia(): LoopedMedia {
  known.media ??= new LoopedMedia("96x54");
  return known.media;
}

/** A low-latency DASH server that has been live for a while, with segments of 1 s; for breaking. */
export function dashStandIn(faults: DashFaults = {}): Promise<AsyncDisposable & { readonly url: string }> {
  dashMedia();
  const stream = new Stream(faults);
  return serveReplies(async (url) => {
    const own = stream.answer(url);
    return faults.reply?.(own, url) ?? own;
  });
}

class Stream {
  readonly #faults: DashFaults;
  readonly #start = Date.now() - HISTORY_MS;
  #asked = 0;

  constructor(faults: DashFaults) {
    this.#faults = faults;
  }

  answer(url: URL): Reply {
    if (url.pathname === "/manifest.mpd") this.#asked += 1;
    const special = this.#faults.answer?.(url, this.#asked);
    if (special !== undefined) return special;
    if (url.pathname === "/time") return text("text/plain", new Date().toISOString());
    if (url.pathname === "/manifest.mpd") {
      const plain = this.#manifest();
      return text("application/dash+xml", this.#faults.manifest?.(plain, this.#asked) ?? plain);
    }
    if (url.pathname === "/v/init.mp4") return media(dashMedia().init);
    const [, number] = /^\/v\/(\d+)\.m4s$/.exec(url.pathname) ?? [];
    return number === undefined ? missing() : this.#segment(Number(number));
  }

  #segment(number: number): Reply {
    const now = Date.now();
    const begins = this.#start + number * 1000;
    if (now < begins + GROUP_MS || now > begins + (WINDOW_SECONDS + 5) * 1000) return missing();
    const groups = this.#groups(number, begins);
    if (now < begins + 1000) return media(this.#live(groups, begins));
    return media(Buffer.concat([...groups, ...(this.#faults.tail === undefined ? [] : [this.#faults.tail])]));
  }

  async *#live(groups: readonly Uint8Array[], begins: number): AsyncGenerator<Uint8Array> {
    for (const [index, group] of groups.entries()) {
      const dueMs = begins + (index + 1) * GROUP_MS + (this.#faults.lateMs?.(index) ?? 0) - Date.now();
      if (dueMs > 0) await sleep(dueMs);
      yield group;
    }
  }

  /** Three frames each, with the time of the first of them. */
  #groups(number: number, begins: number): Uint8Array[] {
    const chunks = this.#faults.chunks?.(number) ?? dashMedia().chunks(number);
    const size = Math.ceil(chunks.length / GROUPS);
    return Array.from({ length: Math.ceil(chunks.length / size) }, (_, index) => {
      const offset = this.#faults.prftOffsetMs ?? 0;
      const time = prft(begins + index * GROUP_MS + offset, number * TICKS + index * ((TICKS * GROUP_MS) / 1000));
      const own = chunks.slice(index * size, (index + 1) * size);
      return Buffer.concat(this.#faults.prftOffsetMs === null ? own : [time, ...own]);
    });
  }

  #manifest(): string {
    const now = Date.now();
    const newest = Math.floor((now - this.#start - GROUP_MS) / 1000) - (this.#faults.behind ?? 0);
    const first = Math.max(0, newest - WINDOW_SECONDS);
    const listed = `startNumber="${first}"><SegmentTimeline><S t="${first * TICKS}" d="${TICKS}" r="${newest - first}"/></SegmentTimeline></SegmentTemplate>`;
    const reckoned = `startNumber="0" duration="${TICKS}"/>`;
    // A manifest that lets players reckon says the same for good.
    const published = this.#faults.timeline ? this.#start + newest * 1000 : this.#start;
    return `<?xml version="1.0" encoding="UTF-8"?>
<MPD xmlns="urn:mpeg:dash:schema:mpd:2011" profiles="urn:mpeg:dash:profile:isoff-live:2011" type="dynamic" availabilityStartTime="${iso(this.#start)}" publishTime="${iso(published)}" minBufferTime="PT1S" minimumUpdatePeriod="PT1S" timeShiftBufferDepth="PT${WINDOW_SECONDS}S">
<ServiceDescription id="0"><Latency target="1500" min="1000" max="4000" referenceId="7"/><PlaybackRate min="0.96" max="1.05"/></ServiceDescription>
<Period id="p0" start="PT0S">
<AdaptationSet id="0" contentType="video" mimeType="video/mp4" segmentAlignment="true" startWithSAP="1">
<Representation id="v" codecs="avc1.42c00b" bandwidth="200000" width="96" height="54">
<ProducerReferenceTime id="7" inband="true" type="encoder" wallClockTime="${iso(this.#start)}" presentationTime="0"/>
<SegmentTemplate timescale="${TICKS}" availabilityTimeOffset="0.9" availabilityTimeComplete="false" initialization="v/init.mp4" media="v/$Number$.m4s" ${this.#faults.timeline ? listed : reckoned}
</Representation>
</AdaptationSet>
</Period>
<UTCTiming schemeIdUri="urn:mpeg:dash:utc:http-iso:2014" value="/time"/>
</MPD>
`;
  }
}

const iso = (ms: number) => new Date(ms).toISOString();

function prft(wallMs: number, mediaTime: number): Buffer {
  const seconds = Math.floor(wallMs / 1000);
  const fraction = ((wallMs - seconds * 1000) / 1000) * 2 ** 32;
  return box("prft", words(0x0100_0018, 1, seconds + NTP, fraction, Math.floor(mediaTime / 2 ** 32), mediaTime));
}

const OPEN = { "access-control-allow-origin": "*" };

function text(type: string, body: string): Reply {
  return { status: 200, headers: { ...OPEN, "content-type": type, "cache-control": "no-cache" }, body };
}

function media(body: Reply["body"]): Reply {
  return {
    status: 200,
    headers: { ...OPEN, "content-type": "video/mp4", "cache-control": "public, max-age=60" },
    body,
  };
}

const missing = (): Reply => ({ status: 404, headers: OPEN, body: "" });

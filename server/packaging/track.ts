import { wallMs } from "../core/clock.ts";
import { LiveError } from "../core/errors.ts";
import { Pulse } from "../core/pulse.ts";
import { parseChunk, parseInit } from "../media/cmaf.ts";
import { isFalseKey, startOf, withTime } from "./first-chunk.ts";
import { gapSegment } from "./gap.ts";
import { Lateness } from "./lateness.ts";
import { OpenSegment } from "./open-segment.ts";
import { PartLength } from "./part-length.ts";
import type { PastTrack } from "./past.ts";
import { OVERLAP_SECONDS, PublishedEnd } from "./published-end.ts";
import { type Chunk, type Part, type RunInit, type SegmentRow, toChunk } from "./segment.ts";
import { SoundQueue } from "./sound-queue.ts";
import type { Boundary } from "./timeline.ts";
import type { TrackOptions, TrackRun } from "./track-run.ts";
import { Window } from "./window.ts";

/** Sound this much before the first picture still belongs to the first segment; earlier sound is left out. In seconds. */
const SOUND_LEAD_SECONDS = 0.25;

/** One rendition: takes chunks from the encoder, makes parts and segments of them, keeps the window. */
export class Track {
  readonly name: string;
  readonly kind: "video" | "audio";
  readonly window: Window;
  /** Fires whenever a part or a segment of this track is there, when it begins anew and at the end. */
  readonly moved = new Pulse();
  /** Fires whenever a segment has its first chunk. */
  readonly opened = new Pulse();
  readonly #options: TrackOptions;
  readonly #queue = new SoundQueue();
  readonly #partLength: PartLength;
  #run: TrackRun | undefined;
  #init: RunInit | undefined;
  #hasBegun = false;
  #isRetired = false;
  #open: OpenSegment | undefined;
  #nextPart = 0;
  #chunkSeconds = 0;
  readonly #lateness = new Lateness();
  #needsKey = true;
  /** Seconds. */
  #lastKey = 0;
  readonly #published = new PublishedEnd();

  constructor(options: TrackOptions) {
    this.name = options.name;
    this.kind = options.kind;
    this.window = new Window(options.windowSeconds);
    this.#options = options;
    this.#partLength = new PartLength(options.partSeconds);
  }

  /** Where what has been published ends, in seconds on the broadcast's timeline. */
  get end(): number | undefined {
    return this.#published.seconds;
  }

  /** The segment that is being made. */
  get open(): OpenSegment | undefined {
    return this.#open;
  }

  /** The init segment of the newest run. */
  get init(): RunInit | undefined {
    return this.#init;
  }

  /** An encoder has sent its init segment in this life of the server. */
  get hasBegun(): boolean {
    return this.#hasBegun;
  }

  /** It is not made any more, while others of its kind are: nobody should begin with it. */
  get isRetired(): boolean {
    return this.#isRetired;
  }

  /** What an earlier life of the server published comes first; call it before anything else. */
  restore({ rows, inits }: Pick<PastTrack, "rows" | "inits">): void {
    this.window.restore(rows, inits);
    const last = rows.at(-1);
    this.#init = inits.at(-1);
    const timescale = this.#init?.info.timescale;
    const isKnown = last !== undefined && timescale !== undefined;
    this.#published.restore(isKnown ? (last.start + last.duration) / timescale : undefined);
  }

  /** Where the next part will be found. A new run of the encoder may prove it wrong; nothing else does. */
  get next(): { readonly run: number; readonly part: number } | undefined {
    const init = this.#open?.init ?? this.#init;
    return init && { run: init.run, part: this.#open?.nextPart ?? this.#nextPart };
  }

  /** How long after a segment's start in the encoder its first chunk is there, in seconds. */
  get firstChunkSeconds(): number {
    return this.#chunkSeconds + this.#lateness.usualMs / 1000;
  }

  /** PART-TARGET: no part is listed as longer. Decided by the first whole segment; it never changes. */
  get partTargetSeconds(): number {
    return this.#partLength.target;
  }

  /** The parts of a complete segment that are as long as parts of this track are announced to be. */
  partsOf(row: SegmentRow): readonly Part[] {
    return this.#partLength.fits(row.number) ? this.window.partsOf(row) : [];
  }

  /** Number of the segment that comes after all that there is. */
  get nextSegment(): number {
    return (this.#open?.boundary.number ?? this.window.last?.number ?? -1) + 1;
  }

  /** Where the playlist ends, parts of the open segment included, in seconds on the broadcast's timeline. */
  get listedEnd(): number {
    const { open } = this;
    const last = this.window.last;
    const timescale = this.#init?.info.timescale ?? 1;
    if (open !== undefined && open.parts.length > 0) return open.boundary.time + open.partsDuration / timescale;
    return last === undefined ? 0 : last.boundary.time + last.duration / timescale;
  }

  /** What it has stays for as long as the window is; nothing will come. */
  retire(): void {
    if (this.#isRetired) return;
    this.#isRetired = true;
    this.finish();
  }

  startRun(run: TrackRun): void {
    this.#run = run;
    this.#isRetired = false;
    this.#published.startRun();
    // What still waits comes again: a run begins where the track ends.
    this.#queue.clear();
    this.#needsKey = this.kind === "video" && !(run.continues && run.copy && this.#open !== undefined);
  }

  /** The bytes of ftyp and moov, which every run sends first. Throws `bad_container` when they cannot be used. */
  begin(bytes: Uint8Array): void {
    const info = parseInit(bytes);
    if (info.kind !== this.kind) throw new LiveError("bad_container", `${this.name} turned out to be ${info.kind}`);
    this.#hasBegun = true;
    const same = this.#init !== undefined && Buffer.compare(this.#init.bytes, bytes) === 0;
    if (same && this.#run?.continues === true) return;
    // Promised to continue, but a decoder must start anew: so must all tracks.
    if (this.#run?.continues === true && this.end !== undefined) this.#breakOff();
    this.#init = { run: this.#run?.number ?? 0, bytes, info };
    this.window.addInit(this.#init);
    this.#options.listener.initialised(this, this.#init);
    this.moved.fire();
  }

  /** One moof and its mdat. Throws `bad_container` when they cannot be used. */
  add(moof: Uint8Array, mdat: Uint8Array): void {
    const init = this.#init;
    if (init === undefined) throw new LiveError("bad_container", `${this.name}: a chunk came before its init segment`);
    const chunk = toChunk(parseChunk(moof, init.info), moof, mdat);
    if (this.kind === "audio") {
      this.#queue.push(chunk);
      this.#drain(init, false);
    } else this.#addPicture(this.#checked(chunk, mdat, init), init);
  }

  /** What FFmpeg encodes is as it was asked for; what is passed through only says of itself that it is a key frame. */
  #checked(chunk: Chunk, mdat: Uint8Array, { info }: RunInit): Chunk {
    if (this.#run?.copy !== true || !chunk.key || !isFalseKey(mdat, info)) return chunk;
    this.#run.onFalseKey?.();
    return { ...chunk, key: false };
  }

  /** The picture has moved on: sound that waited for it may go. */
  wake(): void {
    if (this.#init !== undefined && this.kind === "audio") this.#drain(this.#init, false);
  }

  /** The broadcast is over: sound that still waits goes without a picture, and the open segment is the last. */
  finish(): void {
    if (this.#init !== undefined && this.kind === "audio") this.#drain(this.#init, true);
    this.#close(undefined);
    this.moved.fire();
    this.opened.fire();
  }

  #breakOff(): void {
    this.#options.timeline.breakOff();
    this.#needsKey = this.kind === "video";
  }

  #addPicture(chunk: Chunk, init: RunInit): void {
    const { timeline } = this.#options;
    const { timescale } = init.info;
    if (this.#published.covers(chunk, timescale) || (this.#needsKey && !chunk.key)) return;
    this.#needsKey = !chunk.key && this.#isTooLong(chunk, timescale);
    if (this.#needsKey) return;
    if (chunk.key) this.#lastKey = chunk.time / timescale;
    if (chunk.key) this.#enter(timeline.keyAt(chunk.time / timescale), init, chunk);
    this.#append(chunk, timescale);
    timeline.advance(chunk.decodeTime / timescale, (chunk.decodeTime + chunk.duration) / timescale);
  }

  #drain(init: RunInit, alone: boolean): void {
    const { timescale } = init.info;
    for (let chunk = this.#queue.first; chunk !== undefined; chunk = this.#queue.first) {
      const boundary = this.#boundaryFor(chunk, timescale, alone);
      if (boundary === undefined) return;
      this.#queue.shift();
      const early = boundary.time - (chunk.time + chunk.duration) / timescale;
      if (this.#published.covers(chunk, timescale) || early > SOUND_LEAD_SECONDS) continue;
      this.#enter(boundary, init, chunk);
      this.#append(chunk, timescale);
    }
  }

  #boundaryFor(chunk: Chunk, timescale: number, alone: boolean): Boundary | undefined {
    const { timeline } = this.#options;
    const middle = (chunk.time + chunk.duration / 2) / timescale;
    // Its first frames begin a little early: alone, they are no segment.
    if (this.#run?.followsVideo !== true) return timeline.keyAt(chunk.time / timescale, chunk.duration / timescale / 2);
    const decided = timeline.decidedAt(middle);
    if (decided !== undefined) return decided;
    return alone || this.#queue.isOverdue ? timeline.aloneAt(middle) : undefined;
  }

  /** Moves on to the segment that begins at `boundary`, if that is not the one that is open. */
  #enter(boundary: Boundary, init: RunInit, chunk: Chunk): void {
    const open = this.#open;
    if (open !== undefined && boundary.number <= open.boundary.number) return;
    const sameTimeline = boundary.discontinuities === open?.boundary.discontinuities;
    const follows = sameTimeline && boundary.number === open.boundary.number + 1;
    const start = startOf(chunk, boundary, init.info.timescale);
    this.#close(follows ? start : undefined);
    if (open !== undefined) this.#fillGap(open, boundary, init);
    const { seconds: partSeconds } = this.#partLength;
    this.#open = new OpenSegment({ boundary, init, start, partSeconds, firstPart: this.#nextPart });
  }

  #append(given: Chunk, timescale: number): void {
    const open = this.#open;
    if (open === undefined) return;
    this.#published.advance(given, timescale);
    const begins = open.isEmpty;
    const chunk = begins ? withTime(given, open) : given;
    const parts = open.add(chunk);
    for (const part of parts) this.window.addPart(part);
    this.#options.listener.grew(this, chunk);
    if (begins) this.#opened(open, chunk, timescale);
    if (parts.length > 0) this.#moved();
  }

  #opened({ boundary }: OpenSegment, { decodeTime, duration }: Chunk, timescale: number): void {
    const end = (decodeTime + duration) / timescale;
    this.#lateness.add(wallMs() - (boundary.wallMs + (end - boundary.time) * 1000));
    this.opened.fire();
  }

  #close(nextStart: number | undefined): void {
    const open = this.#open;
    this.#open = undefined;
    if (open === undefined || open.isEmpty) return;
    const listed = open.parts.length;
    const { timescale } = open.init.info;
    const segment = open.close({ nextStart, latestEnd: Math.round(this.#latestEnd(open) * timescale) });
    for (const part of segment.parts.slice(listed)) this.window.addPart(part);
    this.#nextPart = open.nextPart;
    this.#chunkSeconds = open.longestChunk / timescale;
    this.#partLength.learn(segment, segment.row.duration / timescale / open.chunks.length);
    this.window.add(segment, timescale);
    this.#options.listener.completed(this, segment);
    this.#moved();
  }

  /** A frame before a pause lasts as long as the pause: no segment does, whatever is promised. Seconds. */
  #latestEnd({ boundary }: OpenSegment): number {
    const promised = boundary.time + (this.#run?.targetSeconds ?? Number.POSITIVE_INFINITY);
    return Math.min(promised, this.#options.timeline.startAfter(boundary) ?? promised);
  }

  #moved(): void {
    this.#options.listener.moved();
    this.moved.fire();
  }

  /** Numbers must not be missing: segments for which nothing arrived are listed as gaps. */
  #fillGap(last: OpenSegment, next: Boundary, init: RunInit): void {
    const missing = this.#options.timeline.between(last.boundary.number + 1, next.number);
    for (const { boundary, seconds } of missing) {
      const isBeforeBreak = boundary.discontinuities === last.boundary.discontinuities;
      const of = isBeforeBreak ? last.init : init;
      const gap = gapSegment(boundary, seconds, of);
      this.window.add(gap, of.info.timescale);
      this.#options.listener.completed(this, gap);
    }
  }

  /** No key frame for so long that the playlists' promise cannot be kept: the run is about to be replaced. */
  #isTooLong(chunk: Chunk, timescale: number): boolean {
    if (this.#open === undefined || this.#run === undefined) return false;
    const end = (chunk.decodeTime + chunk.duration) / timescale;
    return end - this.#lastKey > this.#run.longestSegmentSeconds + OVERLAP_SECONDS;
  }
}

import type { TrackInit } from "../media/cmaf.ts";
import type { Boundary } from "./timeline.ts";

/** One moof+mdat from the encoder. Times in ticks of the track's timescale. */
export interface Chunk {
  readonly bytes: Uint8Array;
  /** Decode time of the first sample. */
  readonly decodeTime: number;
  /** Presentation time of the first sample. */
  readonly time: number;
  readonly duration: number;
  readonly samples: number;
  readonly key: boolean;
}

/** One or more whole chunks; one buffer of them serves every viewer and every protocol. */
export class Part {
  /** Counts the parts of its track from 0, whatever segment they belong to; part of its address. */
  readonly number: number;
  /** Run of the encoder whose init segment it needs. */
  readonly run: number;
  readonly duration: number;
  /** It begins with a key frame. */
  readonly independent: boolean;
  readonly byteLength: number;
  #chunks: readonly Uint8Array[];

  constructor(chunks: readonly Chunk[], place: { readonly number: number; readonly run: number }) {
    this.number = place.number;
    this.run = place.run;
    this.#chunks = chunks.map((chunk) => chunk.bytes);
    this.duration = chunks.reduce((sum, chunk) => sum + chunk.duration, 0);
    this.independent = chunks[0]?.key === true;
    this.byteLength = this.#chunks.reduce((sum, chunk) => sum + chunk.byteLength, 0);
  }

  /** The chunks put together, for the first who asks. */
  get bytes(): Uint8Array {
    const [first, ...others] = this.#chunks;
    if (first !== undefined && others.length === 0) return first;
    const whole = Buffer.concat(this.#chunks);
    this.#chunks = [whole];
    return whole;
  }

  /** From now on a view of the whole segment, so that its bytes are in memory once. */
  copyInto(whole: Buffer, offset: number): void {
    let end = offset;
    for (const chunk of this.#chunks) {
      whole.set(chunk, end);
      end += chunk.byteLength;
    }
    this.#chunks = [whole.subarray(offset, end)];
  }
}

/** The init segment of one run of the encoder. */
export interface RunInit {
  readonly run: number;
  readonly bytes: Uint8Array;
  readonly info: TrackInit;
}

/** What playlists and manifests say about a segment; outlives its bytes. Times in ticks. */
export interface SegmentRow {
  readonly number: number;
  readonly run: number;
  readonly start: number;
  readonly duration: number;
  readonly bytes: number;
  readonly samples: number;
  readonly boundary: Boundary;
  /** Nothing of this track arrived for this segment. */
  readonly gap: boolean;
}

/** A finished segment: its bytes in one buffer, and the parts as views of it. */
export interface Segment {
  readonly row: SegmentRow;
  readonly bytes: Uint8Array;
  readonly parts: readonly Part[];
}

/**
 * PART-TARGET in wished part lengths. A whole number of frames seldom is what was wished for: with this much room parts
 * are 85 to 100 % of what is announced at all usual frame rates (5 × 1/24 s, 6 × 1/30 s, five times two frames of AAC),
 * also when the publisher's clock jitters.
 */
const PART_ROOM = 1.07;
/** What a part has to fill unless it begins with a key frame or is the last of its segment (RFC 8216bis §4.4.4.9). */
const LEAST_FILL = 0.85;
/** Errors of floating-point sums are no reason to cut or not. */
const TOLERANCE = 1e-9;

/** PART-TARGET, in seconds, where parts are to be of `partSeconds`: what no part is longer than, but a single chunk. */
export function partTarget(partSeconds: number): number {
  return Math.round(partSeconds * PART_ROOM * 1000) / 1000;
}

/** What an open segment begins with. */
export interface SegmentPlace {
  readonly boundary: Boundary;
  readonly init: RunInit;
  /** How long parts are to be. */
  readonly partSeconds: number;
  /** Number of its first part. */
  readonly firstPart: number;
}

/** The segment that is being made: takes chunks, closes parts. */
export class OpenSegment {
  readonly boundary: Boundary;
  readonly init: RunInit;
  readonly #firstPart: number;
  readonly #wishedTicks: number;
  readonly #mostTicks: number;
  readonly #leastTicks: number;
  readonly #parts: Part[] = [];
  readonly #all: Chunk[] = [];
  #chunks: Chunk[] = [];
  #start: number | undefined;
  #duration = 0;
  #partDuration = 0;
  #samples = 0;

  constructor({ boundary, init, partSeconds, firstPart }: SegmentPlace) {
    this.boundary = boundary;
    this.init = init;
    this.#firstPart = firstPart;
    const { timescale } = init.info;
    this.#wishedTicks = partSeconds * timescale * (1 - TOLERANCE);
    this.#mostTicks = partTarget(partSeconds) * timescale * (1 + TOLERANCE);
    this.#leastTicks = LEAST_FILL * this.#mostTicks;
  }

  get isEmpty(): boolean {
    return this.#start === undefined;
  }

  /** Presentation time of its first frame, in ticks; undefined before it came. */
  get start(): number | undefined {
    return this.#start;
  }

  /** The parts that are complete. */
  get parts(): readonly Part[] {
    return this.#parts;
  }

  /** How long they are together, in ticks. */
  get partsDuration(): number {
    return this.#duration - this.#partDuration;
  }

  /** Number of the part that is being made. */
  get nextPart(): number {
    return this.#firstPart + this.#parts.length;
  }

  /** Everything that has come so far, whether its part is complete or not. */
  get chunks(): readonly Chunk[] {
    return this.#all;
  }

  /** Returns the parts that the chunk completed: the one before it, when it does not fit in, and its own, when full. */
  add(chunk: Chunk): readonly Part[] {
    const known = this.#parts.length;
    this.#start ??= chunk.time;
    if (this.#partDuration + chunk.duration > this.#mostTicks) this.#closePart();
    this.#chunks.push(chunk);
    this.#all.push(chunk);
    this.#partDuration += chunk.duration;
    this.#duration += chunk.duration;
    this.#samples += chunk.samples;
    if (this.#isFull(chunk.duration)) this.#closePart();
    return this.#parts.slice(known);
  }

  /** The finished segment. `nextStart` is where the next one begins, when it follows without a break. */
  close(nextStart: number | undefined): Segment {
    this.#closePart();
    const start = this.#start ?? 0;
    const bytes = joined(this.#parts);
    const row: SegmentRow = {
      number: this.boundary.number,
      run: this.init.run,
      start,
      duration: nextStart === undefined ? this.#duration : nextStart - start,
      bytes: bytes.byteLength,
      samples: this.#samples,
      boundary: this.boundary,
      gap: false,
    };
    return { row, bytes, parts: this.#parts };
  }

  /** As close to the wished length as another chunk like the last can bring it: nobody waits to see that one come. */
  #isFull(lastDuration: number): boolean {
    const mayBeShort = this.#chunks[0]?.key === true;
    const isLongEnough = mayBeShort || this.#partDuration >= this.#leastTicks;
    return isLongEnough && this.#partDuration + lastDuration / 2 >= this.#wishedTicks;
  }

  #closePart(): void {
    if (this.#chunks.length === 0) return;
    this.#parts.push(new Part(this.#chunks, { number: this.nextPart, run: this.init.run }));
    this.#chunks = [];
    this.#partDuration = 0;
  }
}

/** All parts in one buffer, of which they are views from then on. */
function joined(parts: readonly Part[]): Uint8Array {
  const whole = Buffer.allocUnsafeSlow(parts.reduce((sum, part) => sum + part.byteLength, 0));
  let offset = 0;
  for (const part of parts) {
    part.copyInto(whole, offset);
    offset += part.byteLength;
  }
  return whole;
}

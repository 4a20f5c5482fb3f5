import { LEAST_FILL, partTarget, TOLERANCE } from "./part-length.ts";
import { type Chunk, Part, type RunInit, type Segment, type SegmentRow } from "./segment.ts";
import type { Boundary } from "./timeline.ts";

/** Whoever sends the segment while it is being made. Must not throw. */
export interface SegmentFollower {
  /** More of the segment. */
  chunk(bytes: Uint8Array): void;
  /** That was all. */
  end(): void;
}

/** What an open segment begins with. */
export interface SegmentPlace {
  readonly boundary: Boundary;
  readonly init: RunInit;
  /** In ticks. */
  readonly start: number;
  /** How long parts are to be. */
  readonly partSeconds: number;
  /** Number of its first part. */
  readonly firstPart: number;
}

/** Where a segment ends, in ticks. */
export interface SegmentEnd {
  /** The next one's start, when that follows without a break. */
  readonly nextStart?: number | undefined;
  /** Without a next one: not later, however long its last frame is said to last. */
  readonly latestEnd?: number | undefined;
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
  readonly #followers = new Set<SegmentFollower>();
  readonly start: number;
  #duration = 0;
  #longestChunk = 0;
  #partDuration = 0;
  #samples = 0;

  constructor({ boundary, init, start, partSeconds, firstPart }: SegmentPlace) {
    this.boundary = boundary;
    this.init = init;
    this.start = start;
    this.#firstPart = firstPart;
    const { timescale } = init.info;
    this.#wishedTicks = partSeconds * timescale * (1 - TOLERANCE);
    this.#mostTicks = partTarget(partSeconds) * timescale * (1 + TOLERANCE);
    this.#leastTicks = LEAST_FILL * this.#mostTicks;
  }

  get isEmpty(): boolean {
    return this.#all.length === 0;
  }

  /** The parts that are complete. */
  get parts(): readonly Part[] {
    return this.#parts;
  }

  /** Where they end, in ticks from the segment's start. */
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

  /** In ticks, of all that have come so far. */
  get longestChunk(): number {
    return this.#longestChunk;
  }

  /** How many follow it. */
  get followers(): number {
    return this.#followers.size;
  }

  /** Gives `follower` what there is at once and all that comes, until the end or until what is returned is disposed. */
  follow(follower: SegmentFollower): Disposable {
    for (const { bytes } of this.#all) follower.chunk(bytes);
    this.#followers.add(follower);
    return { [Symbol.dispose]: () => void this.#followers.delete(follower) };
  }

  /** Returns the parts that the chunk completed: the one before it, when it does not fit in, and its own, when full. */
  add(chunk: Chunk): readonly Part[] {
    const known = this.#parts.length;
    // A first chunk that is late leaves time empty before it.
    if (this.isEmpty) this.#duration = Math.max(0, chunk.time - this.start);
    // A chunk that fits into no part makes the one too long that it comes to: alone, it would leave a short one behind.
    const fits = this.#partDuration + chunk.duration <= this.#mostTicks || chunk.duration > this.#mostTicks;
    if (!fits) this.#closePart();
    this.#chunks.push(chunk);
    this.#all.push(chunk);
    this.#partDuration += chunk.duration;
    this.#duration += chunk.duration;
    this.#samples += chunk.samples;
    this.#longestChunk = Math.max(this.#longestChunk, chunk.duration);
    for (const follower of this.#followers) follower.chunk(chunk.bytes);
    if (this.#isFull(chunk.duration)) this.#closePart();
    return this.#parts.slice(known);
  }

  /** The finished segment. */
  close({ nextStart, latestEnd = Number.POSITIVE_INFINITY }: SegmentEnd = {}): Segment {
    this.#closePart();
    const { start } = this;
    const bytes = joined(this.#parts);
    for (const follower of this.#followers) follower.end();
    this.#followers.clear();
    const row: SegmentRow = {
      number: this.boundary.number,
      run: this.init.run,
      start,
      duration: nextStart === undefined ? Math.min(this.#duration, latestEnd - start) : nextStart - start,
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

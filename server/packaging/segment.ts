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
  readonly duration: number;
  /** It begins with a key frame. */
  readonly independent: boolean;
  readonly byteLength: number;
  #chunks: readonly Uint8Array[];

  constructor(chunks: readonly Chunk[]) {
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

/** The segment that is being made: takes chunks, closes parts. */
export class OpenSegment {
  readonly boundary: Boundary;
  readonly init: RunInit;
  readonly #partTicks: number;
  readonly #parts: Part[] = [];
  readonly #all: Chunk[] = [];
  #chunks: Chunk[] = [];
  #start: number | undefined;
  #duration = 0;
  #partDuration = 0;
  #samples = 0;

  constructor(boundary: Boundary, init: RunInit, partSeconds: number) {
    this.boundary = boundary;
    this.init = init;
    this.#partTicks = partSeconds * init.info.timescale;
  }

  get isEmpty(): boolean {
    return this.#start === undefined;
  }

  /** The parts that are complete. */
  get parts(): readonly Part[] {
    return this.#parts;
  }

  /** Everything that has come so far, whether its part is complete or not. */
  get chunks(): readonly Chunk[] {
    return this.#all;
  }

  /** Returns true when the chunk completed a part. */
  add(chunk: Chunk): boolean {
    this.#start ??= chunk.time;
    const closed = this.#chunks.length > 0 && this.#partDuration + chunk.duration > this.#partTicks * 1.001;
    if (closed) this.#closePart();
    this.#chunks.push(chunk);
    this.#all.push(chunk);
    this.#partDuration += chunk.duration;
    this.#duration += chunk.duration;
    this.#samples += chunk.samples;
    return closed;
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

  #closePart(): void {
    if (this.#chunks.length === 0) return;
    this.#parts.push(new Part(this.#chunks));
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

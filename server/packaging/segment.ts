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

/** One or more whole chunks in one buffer, which serves every viewer and every protocol. */
export interface Part {
  readonly bytes: Uint8Array;
  readonly duration: number;
  /** It begins with a key frame. */
  readonly independent: boolean;
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

  /** Returns true when the chunk completed a part. */
  add(chunk: Chunk): boolean {
    this.#start ??= chunk.time;
    const closed = this.#chunks.length > 0 && this.#partDuration + chunk.duration > this.#partTicks * 1.001;
    if (closed) this.#closePart();
    this.#chunks.push(chunk);
    this.#partDuration += chunk.duration;
    this.#duration += chunk.duration;
    this.#samples += chunk.samples;
    return closed;
  }

  /** The finished segment. `nextStart` is where the next one begins, when it follows without a break. */
  close(nextStart: number | undefined): Segment {
    this.#closePart();
    const start = this.#start ?? 0;
    const bytes = Buffer.concat(this.#parts.map((part) => part.bytes));
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
    return { row, bytes, parts: viewsOf(this.#parts, bytes) };
  }

  #closePart(): void {
    const [first] = this.#chunks;
    if (first === undefined) return;
    this.#parts.push({
      bytes: this.#chunks.length === 1 ? first.bytes : Buffer.concat(this.#chunks.map((chunk) => chunk.bytes)),
      duration: this.#partDuration,
      independent: first.key,
    });
    this.#chunks = [];
    this.#partDuration = 0;
  }
}

/** The same parts as views of the whole segment, so that its bytes are in memory once. */
function viewsOf(parts: readonly Part[], whole: Uint8Array): Part[] {
  let offset = 0;
  return parts.map((part) => {
    const bytes = whole.subarray(offset, offset + part.bytes.byteLength);
    offset += bytes.byteLength;
    return { ...part, bytes };
  });
}

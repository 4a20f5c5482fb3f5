import type { ChunkInfo, TrackInit } from "../media/cmaf.ts";
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

/** A chunk of what the encoder sent and what its moof says. */
export function toChunk(info: ChunkInfo, moof: Uint8Array, mdat: Uint8Array): Chunk {
  const { decodeTime, duration, samples, startsWithKey: key, keyTime: time } = info;
  return { bytes: adjoined(moof, mdat), decodeTime, duration, samples, key, time };
}

/** Both in one buffer: where they came in one read they lie side by side, and nothing is copied. */
function adjoined(moof: Uint8Array, mdat: Uint8Array): Uint8Array {
  if (moof.buffer !== mdat.buffer || moof.byteOffset + moof.byteLength !== mdat.byteOffset) {
    return Buffer.concat([moof, mdat]);
  }
  return new Uint8Array(moof.buffer, moof.byteOffset, moof.byteLength + mdat.byteLength);
}

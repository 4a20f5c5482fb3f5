import { type CmafTrack, makePicture } from "./cmaf.ts";

const TICKS_PER_SECOND = 90_000;

/** One second of real pictures, a key frame first, that goes round for ever: every segment has one second. */
export class LoopedMedia {
  readonly #track: CmafTrack;

  constructor(size: string) {
    this.#track = makePicture({ seconds: 1, from: 0, keysEvery: 1, fps: 30, size });
  }

  get init(): Uint8Array {
    return this.#track.init;
  }

  /** Chunks of a segment: one frame each, 30 in all. */
  get chunksInSegment(): number {
    return this.#track.chunks.length;
  }

  /** Chunks `from` to `to` of a segment, their decode times where they belong. */
  chunks(segment: number, from = 0, to = this.chunksInSegment): Uint8Array[] {
    return this.#track.chunks.slice(from, to).map(({ moof, mdat, info }) => {
      return Buffer.concat([withDecodeTime(moof, info.decodeTime + segment * TICKS_PER_SECOND), mdat]);
    });
  }
}

/** A copy of a moof whose tfdt (64 bits, as FFmpeg writes it) says another time. */
function withDecodeTime(moof: Uint8Array, ticks: number): Buffer {
  const copy = Buffer.from(moof);
  const at = copy.indexOf("tfdt");
  if (at === -1 || copy.readUInt8(at + 4) !== 1) throw new Error("a moof without a 64-bit tfdt");
  copy.writeBigUInt64BE(BigInt(ticks), at + 8);
  return copy;
}

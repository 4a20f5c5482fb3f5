import { decodeTimeOf, withDecodeTime } from "./decode-time.ts";

/** One chunk of sound as it came; `time` in seconds. */
export interface SoundChunk {
  readonly time: number;
  readonly bytes: Uint8Array;
}

/** Chunks further apart than this do not follow each other. In seconds. */
const LONGEST_SECONDS = 0.2;

/**
 * Sound for a viewer who hears none. Browsers stop the picture when there is no sound to go with it, and sound comes
 * later than the picture, as its encoder takes longer. While it is switched off nothing has to wait for it: the newest
 * chunk is repeated ahead of itself, and what really comes takes the place of that.
 */
export class SoundFiller {
  #last: SoundChunk | undefined;
  #chunkSeconds: number | undefined;
  #filledTo = Number.NEGATIVE_INFINITY;

  /** Where the sound that came ends, in seconds; undefined before there was any. */
  get end(): number | undefined {
    return this.#last && this.#last.time + (this.#chunkSeconds ?? 0);
  }

  /** Takes note of a chunk that came. */
  note(chunk: SoundChunk): void {
    const seconds = this.#last === undefined ? 0 : chunk.time - this.#last.time;
    if (seconds > 0 && seconds < LONGEST_SECONDS) this.#chunkSeconds = seconds;
    else if (seconds < 0) this.#filledTo = Number.NEGATIVE_INFINITY;
    this.#last = chunk;
    this.#filledTo = Math.max(this.#filledTo, this.end ?? chunk.time);
  }

  /** The chunks that are missing up to `seconds`. */
  fillTo(seconds: number): Uint8Array[] {
    const last = this.#last;
    const step = this.#chunkSeconds;
    const ticks = last && decodeTimeOf(last.bytes);
    if (last === undefined || step === undefined || ticks === undefined || last.time <= 0) return [];
    const ticksPerSecond = Math.round(Number(ticks) / last.time);
    const chunks: Uint8Array[] = [];
    while (this.#filledTo < seconds) {
      const aheadTicks = Math.round((this.#filledTo - last.time) * ticksPerSecond);
      chunks.push(withDecodeTime(last.bytes, ticks + BigInt(aheadTicks)));
      this.#filledTo += step;
    }
    return chunks;
  }

  /** What was filled has been taken away, or never was. */
  forget(): void {
    this.#filledTo = this.end ?? Number.NEGATIVE_INFINITY;
  }
}

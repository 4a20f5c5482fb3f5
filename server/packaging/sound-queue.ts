import { monotonicMs } from "../core/clock.ts";
import type { Chunk } from "./segment.ts";

/** Sound waits this long for the picture, then goes on alone. */
const MAX_WAIT_MS = 2_000;
/** And never more than this: half a minute at 128 kbit/s. */
const MAX_BYTES = 512 * 1024;

/** Chunks of sound that wait until the picture has decided where segments are cut. */
export class SoundQueue {
  #waiting: { readonly chunk: Chunk; readonly sinceMs: number }[] = [];
  #bytes = 0;

  push(chunk: Chunk): void {
    this.#waiting.push({ chunk, sinceMs: monotonicMs() });
    this.#bytes += chunk.bytes.byteLength;
  }

  /** The oldest chunk. */
  get first(): Chunk | undefined {
    return this.#waiting[0]?.chunk;
  }

  /** The picture has kept the oldest chunk waiting for too long. */
  get isOverdue(): boolean {
    const sinceMs = this.#waiting[0]?.sinceMs;
    return sinceMs !== undefined && (this.#bytes > MAX_BYTES || monotonicMs() - sinceMs > MAX_WAIT_MS);
  }

  clear(): void {
    this.#waiting = [];
    this.#bytes = 0;
  }

  shift(): void {
    this.#bytes -= this.#waiting.shift()?.chunk.bytes.byteLength ?? 0;
  }
}

import type { Chunk } from "./segment.ts";

/** A chunk that begins this much before the end of what is published repeats it. In seconds. */
export const OVERLAP_SECONDS = 0.002;

/** Where what a track has published ends, and what of a new run of the encoder only repeats it. */
export class PublishedEnd {
  /** On the broadcast's timeline; undefined before the first chunk. */
  #seconds: number | undefined;
  /** The end is where the next key frame is shown; it is decoded earlier where there are B-frames. */
  #isShown = false;
  #repeats = false;

  /** In seconds on the broadcast's timeline; undefined as long as there is nothing. */
  get seconds(): number | undefined {
    return this.#seconds;
  }

  /** An earlier life of the server got as far as this, which is where its last segment ends. */
  restore(seconds: number | undefined): void {
    this.#seconds = seconds;
    this.#isShown = true;
  }

  /** A new run of the encoder: what it sends first may be there already. */
  startRun(): void {
    this.#repeats = true;
  }

  /** Whether a chunk only repeats what is published. */
  covers(chunk: Chunk, timescale: number): boolean {
    // Only a new run repeats anything; later a guessed duration must not make the next chunk look old.
    const time = this.#isShown && chunk.key ? chunk.time : chunk.decodeTime;
    this.#repeats &&= this.#seconds !== undefined && time / timescale < this.#seconds - OVERLAP_SECONDS;
    return this.#repeats;
  }

  /** A chunk is published. */
  advance({ decodeTime, duration }: Chunk, timescale: number): void {
    // Decode times only rise; presentation times jump about where the publisher sends B-frames.
    this.#seconds = Math.max(this.#seconds ?? 0, (decodeTime + duration) / timescale);
    this.#isShown = false;
  }
}

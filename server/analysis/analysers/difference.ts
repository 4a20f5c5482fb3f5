import type { PictureFrame } from "../frame.ts";

/** Compares each picture with the one before; several analysers ask for the same frame, and it is done once. */
export class Differences {
  #last: Uint8Array | undefined;
  #frame: PictureFrame | undefined;
  #result: Difference | undefined;

  /** Undefined for the first picture, and for the first of another size. */
  of(frame: PictureFrame): Difference | undefined {
    if (frame === this.#frame) return this.#result;
    const { y } = frame.planes;
    this.#result = this.#last?.byteLength === y.byteLength ? compare(this.#last, y) : undefined;
    this.#frame = frame;
    this.#last = y;
    return this.#result;
  }
}

/** How far two pictures are from each other. */
export interface Difference {
  /** Mean absolute difference of brightness, from 0 to 1. */
  readonly mean: number;
  /** Share of the picture that changed by more than noise does, from 0 to 1. */
  readonly moved: number;
}

/** What cameras and codecs change where nothing moves, out of 255. */
const NOISE = 12;

function compare(before: Uint8Array, now: Uint8Array): Difference {
  let sum = 0;
  let moved = 0;
  for (let at = 0; at < now.byteLength; at++) {
    const apart = Math.abs((now[at] ?? 0) - (before[at] ?? 0));
    sum += apart;
    if (apart > NOISE) moved += 1;
  }
  const pixels = Math.max(1, now.byteLength);
  return { mean: sum / pixels / 255, moved: moved / pixels };
}

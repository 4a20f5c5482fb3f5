import type { Segment } from "./segment.ts";

/**
 * PART-TARGET in wished part lengths. A whole number of frames seldom is what was wished for: with this much room parts
 * are 85 to 100 % of what is announced at all usual frame rates (5 × 1/24 s, 6 × 1/30 s, five times two frames of AAC),
 * also when the publisher's clock jitters.
 */
const PART_ROOM = 1.07;
/** What a part has to fill unless it begins with a key frame or is the last of its segment (RFC 8216bis §4.4.4.9). */
export const LEAST_FILL = 0.85;
/** Errors of floating-point sums are no reason to cut or not. */
export const TOLERANCE = 1e-9;

/** PART-TARGET, in seconds, where parts are to be of `partSeconds`: what no part is longer than, but a single chunk. */
export function partTarget(partSeconds: number): number {
  return Math.ceil(partSeconds * PART_ROOM * 1000 - TOLERANCE) / 1000;
}

/**
 * How long parts are to be of a track whose chunks last `chunkSeconds`: as wished, where a whole number of chunks fills
 * such a part well enough, else as long as the number that comes closest.
 */
export function fittingPart(wishedSeconds: number, chunkSeconds: number): number {
  const most = partTarget(wishedSeconds);
  const closest = Math.max(1, Math.round(wishedSeconds / chunkSeconds)) * chunkSeconds;
  return closest <= most && closest >= LEAST_FILL * most ? wishedSeconds : closest;
}

/** How long the parts of one track are. Decided by its first whole segment, since what is announced must not change. */
export class PartLength {
  readonly #wishedSeconds: number;
  #seconds: number | undefined;
  #firstFitting = 0;

  constructor(wishedSeconds: number) {
    this.#wishedSeconds = wishedSeconds;
  }

  /** What parts that are made from now on shall last. */
  get seconds(): number {
    return this.#seconds ?? this.#wishedSeconds;
  }

  /** PART-TARGET, in seconds. */
  get target(): number {
    return partTarget(this.seconds);
  }

  /** Learns how long chunks are. */
  learn({ row }: Segment, chunkSeconds: number): void {
    if (this.#seconds !== undefined) return;
    this.#seconds = fittingPart(this.#wishedSeconds, chunkSeconds);
    this.#firstFitting = row.number + (this.#seconds === this.#wishedSeconds ? 0 : 1);
  }

  /** Whether the parts of segment `number` are as long as is announced. */
  fits(number: number): boolean {
    return number >= this.#firstFitting;
  }
}

const FIRST_MS = 250;
const LONGEST_MS = 5_000;
/** A connection that lasted this long was a good one: the next break begins with short waits again. */
const GOOD_MS = 10_000;

/**
 * How long to wait before each attempt to connect again: growing, so that a server that is down is not stormed, and
 * random, so that the publishers of a server that comes back do not come at the same moment.
 */
export class RetryWaits {
  readonly #random: () => number;
  #attempts = 0;
  #readyMs: number | undefined;

  constructor(random: () => number = Math.random) {
    this.#random = random;
  }

  /** A connection is made. */
  connected(nowMs: number): void {
    this.#readyMs = nowMs;
  }

  /** The wait before the next attempt, in ms. */
  next(nowMs: number): number {
    if (this.#readyMs !== undefined && nowMs - this.#readyMs > GOOD_MS) this.#attempts = 0;
    this.#readyMs = undefined;
    const wholeMs = Math.min(LONGEST_MS, FIRST_MS * 2 ** this.#attempts);
    this.#attempts += 1;
    return wholeMs * (0.5 + this.#random() / 2);
  }
}

import { monotonicMs } from "./clock.ts";

/** How much may flow, in any unit. */
export interface RateOptions {
  /** For ever. */
  readonly perSecond: number;
  /** On top of that after a pause. */
  readonly burst: number;
  /** Milliseconds on a clock that never runs backwards. */
  readonly now?: () => number;
}

/** Measures a flow against a rate: a bucket that leaks at the rate and overflows at the burst. */
export class Rate {
  readonly #options: RateOptions;
  readonly #now: () => number;
  #level = 0;
  #atMs: number;

  constructor(options: RateOptions) {
    this.#options = options;
    this.#now = options.now ?? monotonicMs;
    this.#atMs = this.#now();
  }

  /** Counts what has flown, be it within the rate or not. */
  add(amount: number): void {
    this.#leak();
    this.#level += amount;
  }

  /** Milliseconds until `amount` more would be within the rate; 0 when it is now. */
  waitMs(amount = 0): number {
    this.#leak();
    const { burst, perSecond } = this.#options;
    return Math.max(0, ((this.#level + amount - burst) / perSecond) * 1000);
  }

  /** Whether all that was counted is forgotten: it is as good as new. */
  get isEmpty(): boolean {
    this.#leak();
    return this.#level === 0;
  }

  #leak(): void {
    const nowMs = this.#now();
    this.#level = Math.max(0, this.#level - ((nowMs - this.#atMs) / 1000) * this.#options.perSecond);
    this.#atMs = nowMs;
  }
}

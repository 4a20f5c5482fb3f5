/** Numbers of viewers that are worth telling. */
const STEPS = [1, 10, 100, 1_000, 10_000, 100_000] as const;
/** One that has been reached is left only well below it: somebody who comes and goes is no news. */
const LEFT_AT = 0.8;

/** A step that was passed, upwards or downwards. */
export interface Passed {
  readonly threshold: number;
  readonly rising: boolean;
}

/** Watches a number of viewers pass steps. */
export class Threshold {
  #reached = 0;

  /** The steps that were passed since the last look, in their order. */
  passed(viewers: number): Passed[] {
    const risen = STEPS.filter((step) => step > this.#reached && viewers >= step);
    if (risen.length > 0) {
      this.#reached = risen.at(-1) ?? 0;
      return risen.map((threshold) => ({ threshold, rising: true }));
    }
    const fallen = STEPS.filter((step) => step <= this.#reached && viewers < step * LEFT_AT).toReversed();
    const lowest = fallen.at(-1);
    if (lowest !== undefined) this.#reached = STEPS.filter((step) => step < lowest).at(-1) ?? 0;
    return fallen.map((threshold) => ({ threshold, rising: false }));
  }
}

/** The delays that a viewer can wish for, in ms. */
export const DELAY_RANGE = { min: 50, max: 10_000 } as const;

/** Until anything has been measured. */
const FIRST_MS = 150;
/** The automatic delay sinks by so much in a second: no viewer sees or hears it. */
const SINK_MS_PER_SECOND = 40;
/** What the first underrun adds; another one soon after adds more. */
const BOOST_MS = 60;
const BOOST_GROWTH = 1.5;
const MAX_BOOST_MS = 3_000;
/** Half of what underruns added is gone after so long without another. */
const BOOST_HALF_LIFE_MS = 30_000;

/**
 * The delay to hold: the viewer's wish, or the least that chunks come in time for. It rises at once when chunks come
 * later or the picture stood still, and sinks slowly. A wish that cannot be had gives the least that can.
 */
export class TargetDelay {
  #wishMs: number | undefined;
  #autoMs = FIRST_MS;
  #atMs: number | undefined;
  #boostMs = 0;
  #isMeasured = false;

  /** What the viewer wants, in ms; undefined: as little as possible. */
  get wishMs(): number | undefined {
    return this.#wishMs;
  }

  set wishMs(ms: number | undefined) {
    this.#wishMs = ms === undefined ? undefined : clamp(ms, DELAY_RANGE.min, DELAY_RANGE.max);
  }

  /** The delay to hold now, in ms. */
  get ms(): number {
    return Math.max(this.#wishMs ?? 0, this.#autoMs);
  }

  /** Takes the least delay that media comes in time for; undefined while nothing is known. Call it a few times a second. */
  update(nowMs: number, leastMs: number | undefined): void {
    const elapsedMs = Math.max(0, nowMs - (this.#atMs ?? nowMs));
    this.#atMs = nowMs;
    this.#boostMs *= 0.5 ** (elapsedMs / BOOST_HALF_LIFE_MS);
    if (leastMs === undefined) return;
    const neededMs = clamp(leastMs + this.#boostMs, DELAY_RANGE.min, DELAY_RANGE.max);
    const sunkMs = this.#isMeasured ? this.#autoMs - (SINK_MS_PER_SECOND * elapsedMs) / 1000 : neededMs;
    this.#isMeasured = true;
    this.#autoMs = Math.max(neededMs, sunkMs);
  }

  /** The picture stood still because nothing was there to play. */
  underrun(): void {
    const boostMs = Math.min(MAX_BOOST_MS, Math.max(BOOST_MS, this.#boostMs * BOOST_GROWTH));
    this.#autoMs = Math.min(DELAY_RANGE.max, this.#autoMs + boostMs - this.#boostMs);
    this.#boostMs = boostMs;
  }
}

function clamp(value: number, min: number, max: number): number {
  return Math.min(max, Math.max(min, value));
}

/** After a source that was fine; then after each try that was not. In ms. */
const AT_ONCE_MS = 250;
const WAITS_MS = [1_000, 2_000, 5_000, 10_000, 20_000, 30_000];
/** What went on for so long is no failure to start. */
const FINE_MS = 10_000;
/** Sources that were lost together do not come back together. */
const SPREAD = 0.2;

/** How long to wait before a source is tried again. */
export class RetryWaits {
  #failures = 0;

  /** A try is over, after media came for so long. Returns ms. */
  after(liveMs: number): number {
    const isFine = liveMs >= FINE_MS;
    if (isFine) this.#failures = 0;
    const waitMs = isFine ? AT_ONCE_MS : this.#next();
    return Math.round(waitMs * (1 + SPREAD * (Math.random() * 2 - 1)));
  }

  #next(): number {
    this.#failures++;
    return WAITS_MS[Math.min(this.#failures, WAITS_MS.length) - 1] ?? AT_ONCE_MS;
  }
}

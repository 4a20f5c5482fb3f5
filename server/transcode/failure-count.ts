import { monotonicMs } from "../core/clock.ts";

/** This many failures in a row within a minute end the encoding; the archive goes on. */
export const MAX_FAILURES = 6;
const WINDOW_MS = 60_000;
/** What a moment's trouble needs comes first: most failures are over at once. */
const BACKOFF_MS = [0, 100, 500, 1_000, 2_000];

/** Decides how long to wait after a failure, and when to give up. */
export class FailureCount {
  #times: number[] = [];

  /** The encoder has got on: what failed before it did is no reason to give up. */
  reset(): void {
    this.#times = [];
  }

  /** Counts a failure now. Returns how many ms to wait before the next try; undefined to give up. */
  add(): number | undefined {
    const now = monotonicMs();
    this.#times = [...this.#times.filter((time) => now - time < WINDOW_MS), now];
    if (this.#times.length >= MAX_FAILURES) return undefined;
    return BACKOFF_MS[Math.min(this.#times.length, BACKOFF_MS.length) - 1];
  }
}

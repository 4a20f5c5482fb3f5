/** Segments that are looked at. */
const COUNTED = 8;
/** Later than this, or early, is what was published faster than it is played, or is made up for. In ms. */
const MOST_MS = 1_000;
/** What most of them are within, around the mean. In ms. */
const MARGIN_MS = 20;
/** What is told does not change with each segment. In ms. */
const STEP_MS = 10;

/** How long the encoder takes: how much later than at its input the first chunks of segments come out of it. */
export class Lateness {
  #newest: readonly number[] = [];

  add(ms: number): void {
    if (ms >= 0 && ms <= MOST_MS) this.#newest = [...this.#newest.slice(1 - COUNTED), ms];
  }

  /** What to reckon with; 0 before anything is known. */
  get usualMs(): number {
    if (this.#newest.length === 0) return 0;
    const mean = this.#newest.reduce((sum, ms) => sum + ms, 0) / this.#newest.length;
    return Math.ceil((mean + MARGIN_MS) / STEP_MS) * STEP_MS;
  }
}

/** Width of a step: finer than anybody needs, coarse enough to count instead of keeping every sample. */
const STEP_MS = 0.1;
/** What is later than this counts as this late. */
const MOST_MS = 20_000;

/** How late things came: counts, so that millions cost no memory. */
export class Lateness {
  readonly #counts = new Uint32Array(MOST_MS / STEP_MS + 1);
  #total = 0;

  /** How many there were. */
  get count(): number {
    return this.#total;
  }

  /** What came before its time, by the error of two clocks, came in time. */
  add(ms: number): void {
    const step = Math.min(this.#counts.length - 1, Math.max(0, Math.round(ms / STEP_MS)));
    this.#counts[step] = (this.#counts[step] ?? 0) + 1;
    this.#total += 1;
  }

  /** So many ms or less for this share of all; NaN when there was nothing. */
  at(share: number): number {
    const wanted = Math.ceil(this.#total * share);
    let seen = 0;
    for (let step = 0; step < this.#counts.length && this.#total > 0; step++) {
      seen += this.#counts[step] ?? 0;
      if (seen >= wanted) return step * STEP_MS;
    }
    return Number.NaN;
  }

  clear(): void {
    this.#counts.fill(0);
    this.#total = 0;
  }
}

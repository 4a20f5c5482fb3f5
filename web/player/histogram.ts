/** Delays beyond this are counted as this. In ms. */
const MAX_MS = 60_000;

/** Counts delays to the millisecond, however many there are, in the same little memory. */
export class Histogram {
  readonly #counts = new Uint32Array(MAX_MS + 1);
  #total = 0;

  /** How many there are. */
  get total(): number {
    return this.#total;
  }

  /** Takes one delay; one below 0, which only clocks can make, is counted as 0. */
  add(ms: number): void {
    const bin = Math.min(MAX_MS, Math.max(0, Math.round(ms)));
    this.#counts[bin] = (this.#counts[bin] ?? 0) + 1;
    this.#total += 1;
  }

  /** The delay that this share of all (0 to 1) does not exceed, in ms; undefined when there is none. */
  quantile(share: number): number | undefined {
    if (this.#total === 0) return undefined;
    const wanted = Math.max(1, Math.ceil(this.#total * share));
    let seen = 0;
    return this.#counts.findIndex((count) => {
      seen += count;
      return seen >= wanted;
    });
  }
}

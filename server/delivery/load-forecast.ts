/** Looks that are remembered. */
const LOOKS = 6;
/** What a server does with fewer viewers is not their doing: it is reckoned as if there were so many. */
const LEAST_VIEWERS = 300;

/**
 * Foretells how busy more viewers would keep the server, from how busy those it has do. What a viewer costs is the least
 * that was seen lately: a busy moment, such as one in which garbage is collected, says nothing of viewers.
 */
export class LoadForecast {
  #costs: readonly number[] = [];

  /** The server was busy for this share of the time since the last look, with so many viewers. */
  look(busy: number, viewers: number): void {
    this.#costs = [...this.#costs.slice(1 - LOOKS), busy / Math.max(viewers, LEAST_VIEWERS)];
  }

  /** The share of its time that so many viewers would keep it busy; more than 1 is more than it has. */
  busyWith(viewers: number): number {
    if (this.#costs.length < LOOKS) return 0;
    return Math.min(...this.#costs) * Math.max(viewers, LEAST_VIEWERS);
  }
}

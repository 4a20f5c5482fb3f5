import type { LiveRecord, LiveServerMessage } from "../../../server/protocol/live.ts";

/** Who takes what was kept. */
export interface BacklogTaker {
  onWords(words: LiveServerMessage): void;
  onRecords(records: readonly LiveRecord[], bytes: number): void;
}

/** What is kept for a player that is not there yet. More means that none will come soon: it is forgotten. */
const MAX_BYTES = 4 * 1024 * 1024;

/** What has come of a broadcast so far, for a player that attaches itself a moment later. */
export class Backlog {
  #items: ((taker: BacklogTaker) => void)[] = [];
  #bytes = 0;
  #isWhole = true;

  /** A broadcast begins: from here on all is kept. */
  begin(): void {
    this.#items = [];
    this.#bytes = 0;
    this.#isWhole = true;
  }

  /** What comes now is not the beginning: nobody could begin with it. */
  lose(): void {
    this.#items = [];
    this.#isWhole = false;
  }

  addWords(words: LiveServerMessage): void {
    if (this.#isWhole) this.#items.push((taker) => taker.onWords(words));
  }

  addRecords(records: readonly LiveRecord[], bytes: number): void {
    if (this.#isWhole && this.#bytes + bytes > MAX_BYTES) this.lose();
    if (!this.#isWhole) return;
    this.#bytes += bytes;
    this.#items.push((taker) => taker.onRecords(records, bytes));
  }

  /** Hands everything over; false when the beginning is not there any more. */
  giveTo(taker: BacklogTaker): boolean {
    const items = this.#items;
    const isWhole = this.#isWhole;
    this.lose();
    if (isWhole) for (const give of items) give(taker);
    return isWhole;
  }
}

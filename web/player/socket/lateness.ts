/** How far back arrivals are looked at. */
const WINDOW_MS = 15_000;
/** Arrivals this close together are one: what comes after a break in the line comes all at once. */
const SLOT_MS = 100;
/** Fewer arrivals than this say nothing: they may be what came all at once after the machine slept. */
const LEAST_SLOTS = 8;
/** Later than the usual by more than this is no jitter but a break in the line: no delay is held ready for it. */
const BREAK_MS = 500;

interface Slot {
  readonly number: number;
  lateMs: number;
}

/**
 * How late the chunks of one track come: the time between the moment that the publisher's bytes reached the server and
 * the moment that the chunk made of them is here. A viewer who plays this far behind the server just has them in time.
 */
export class Lateness {
  #slots: Slot[] = [];

  /** Takes one chunk. Times in ms, `atMs` rising. */
  add(atMs: number, lateMs: number): void {
    const number = Math.floor(atMs / SLOT_MS);
    const last = this.#slots.at(-1);
    if (last?.number === number) last.lateMs = Math.max(last.lateMs, lateMs);
    else this.#slots.push({ number, lateMs });
    this.#prune(atMs);
  }

  /**
   * What this share (0 to 1) of the last 15 s did not exceed, breaks in the line left out; undefined when too little came.
   */
  usual(nowMs: number, share: number): number | undefined {
    this.#prune(nowMs);
    if (this.#slots.length < LEAST_SLOTS) return undefined;
    const sorted = this.#slots.map(({ lateMs }) => lateMs).sort((a, b) => a - b);
    const middle = sorted[Math.floor(sorted.length / 2)] ?? 0;
    const usual = sorted.filter((lateMs) => lateMs <= middle + BREAK_MS);
    return usual[Math.ceil(usual.length * share) - 1];
  }

  /** The lateness of what came last. */
  get newest(): number | undefined {
    return this.#slots.at(-1)?.lateMs;
  }

  /** The clock that it was measured with has changed by so much. */
  shift(byMs: number): void {
    for (const slot of this.#slots) slot.lateMs += byMs;
  }

  /** Forgets everything: another clock or another encoder. */
  clear(): void {
    this.#slots = [];
  }

  #prune(nowMs: number): void {
    const oldest = Math.floor((nowMs - WINDOW_MS) / SLOT_MS);
    while (this.#slots[0] !== undefined && this.#slots[0].number < oldest) this.#slots.shift();
  }
}

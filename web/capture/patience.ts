/** How long each kind of silence is borne, in ms. */
const LIMITS = {
  /** Until the server says that it is ready. */
  connecting: 8_000,
  /** Bytes are on their way, and none of them is acknowledged. The slowest line worth using takes half of that. */
  answering: 10_000,
  /** Everything is sent and `end`, too: the server completes the archive. */
  ending: 20_000,
} as const;

/** After the network changed or the machine slept: a connection that lived through it answers at once. */
const SUSPECT_MS = 3_000;
/** A longer time between two beats is no silence of the server: this machine slept, or the page was held up. */
const LONGEST_BEAT_MS = 1_500;

/** What is being waited for. */
export type Awaited = keyof typeof LIMITS;

/** Tells when a silent connection has to be given up. */
export class Patience {
  #beatMs: number | undefined;
  #silentMs = 0;
  #limitMs = Number.POSITIVE_INFINITY;
  #awaited: Awaited | undefined;

  /** The other side gave a sign of life. */
  heard(): void {
    this.#silentMs = 0;
    this.#limitMs = Number.POSITIVE_INFINITY;
  }

  /** The connection may be dead without a word: it has a moment to prove that it is not. */
  suspect(): void {
    this.#silentMs = 0;
    this.#limitMs = SUSPECT_MS;
  }

  /** Call about four times a second with what is awaited. True: the wait was too long. */
  beat(awaited: Awaited | undefined, nowMs: number): boolean {
    const elapsedMs = nowMs - (this.#beatMs ?? nowMs);
    this.#beatMs = nowMs;
    if (awaited !== this.#awaited) this.#silentMs = 0;
    this.#awaited = awaited;
    if (elapsedMs > LONGEST_BEAT_MS) this.suspect();
    if (awaited === undefined) return false;
    this.#silentMs += Math.min(elapsedMs, LONGEST_BEAT_MS);
    return this.#silentMs > Math.min(LIMITS[awaited], this.#limitMs);
  }
}

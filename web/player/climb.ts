/** The first probe comes after so long, each later one after twice the time. */
const FIRST_MS = 30_000;
const MAX_MS = 600_000;
/** Who stayed up for so long climbs as quickly as the first time after the next fall. */
const FORGIVE_MS = 120_000;

/** What a climb is made of. */
export interface ClimbParts {
  readonly probe: () => Promise<boolean>;
  readonly onOpen: () => void;
  readonly firstMs?: number | undefined;
}

/** The way back to the best engine: probes now and then whether it can be reached again, more and more seldom. */
export class Climb {
  readonly #parts: ClimbParts;
  #waitMs: number;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isClimbing = false;
  #stoppedMs: number | undefined;

  constructor(parts: ClimbParts) {
    this.#parts = parts;
    this.#waitMs = this.#firstMs;
  }

  /** Begins to probe; does nothing when it does already. */
  start(): void {
    if (this.#isClimbing) return;
    this.#isClimbing = true;
    if (this.#stoppedMs !== undefined && performance.now() - this.#stoppedMs > FORGIVE_MS) this.#waitMs = this.#firstMs;
    this.#schedule();
  }

  stop(): void {
    this.#isClimbing = false;
    this.#stoppedMs = performance.now();
    clearTimeout(this.#timer);
  }

  get #firstMs(): number {
    return this.#parts.firstMs ?? FIRST_MS;
  }

  #schedule(): void {
    this.#timer = setTimeout(() => void this.#probe(), this.#waitMs);
    this.#waitMs = Math.min(MAX_MS, this.#waitMs * 2);
  }

  async #probe(): Promise<void> {
    const isOpen = await this.#parts.probe();
    if (!this.#isClimbing) return;
    if (isOpen) this.#parts.onOpen();
    else this.#schedule();
  }
}

import { monotonicMs } from "./clock.ts";

/** How a {@link BatchWriter} writes. */
export interface BatchWriterOptions<T> {
  /** Between the beginnings of two batches: half as much again at most. The first item after a pause is written at once. */
  readonly everyMs: number;
  /** Writes a batch, all of it or nothing; calls never overlap. What it could not write is given to it again. */
  readonly write: (items: readonly T[]) => Promise<void>;
}

/**
 * Collects what comes in small pieces and writes it in batches: a write to a file costs a thread its sleep, and many
 * small ones cost more than the bytes. A slow disk makes batches larger, not a queue of writes.
 */
export class BatchWriter<T> {
  readonly #options: BatchWriterOptions<T>;
  #waiting: T[] = [];
  #timer: NodeJS.Timeout | undefined;
  #lastMs = Number.NEGATIVE_INFINITY;
  #writing: Promise<void> | undefined;
  #failure: { readonly error: unknown } | undefined;

  constructor(options: BatchWriterOptions<T>) {
    this.#options = options;
  }

  /** Set while the last write has failed: what was added waits for the next try, which the next item or flush makes. */
  get failure(): { readonly error: unknown } | undefined {
    return this.#failure;
  }

  add(item: T): void {
    this.#waiting.push(item);
    if (this.#writing === undefined) this.#schedule();
  }

  /** Items that are not written, but for those that are being written now. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /** Writes what waits, at once. Resolves when all that was added before is written, or cannot be; never rejects. */
  async flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    while (this.#writing !== undefined) {
      await this.#writing;
      // This was the try: who comes after it makes the next one.
      if (this.#failure !== undefined) return;
    }
    if (this.#waiting.length === 0) return;
    this.#writing = this.#write();
    await this.#writing;
  }

  /** The next item is the occasion to write: a timer, which wakes the process, is for one that nothing follows. */
  #schedule(): void {
    const { everyMs } = this.#options;
    const waitMs = this.#lastMs + everyMs - monotonicMs();
    if (waitMs <= 0) void this.flush();
    else this.#timer ??= setTimeout(() => void this.flush(), waitMs + everyMs / 2);
  }

  async #write(): Promise<void> {
    this.#lastMs = monotonicMs();
    const items = this.#waiting;
    this.#waiting = [];
    try {
      await this.#options.write(items);
      this.#failure = undefined;
    } catch (error) {
      this.#failure = { error };
      this.#waiting = [...items, ...this.#waiting];
    } finally {
      this.#writing = undefined;
    }
    // What failed is not tried again by itself: a full disk stays full for a while.
    if (this.#waiting.length > 0 && this.#failure === undefined) this.#schedule();
  }
}

import { monotonicMs } from "./clock.ts";

/** How a {@link BatchWriter} writes. */
export interface BatchWriterOptions<T> {
  /** Between the beginnings of two batches; the first item after a pause is written at once. */
  readonly everyMs: number;
  /** Writes a batch; calls never overlap. After the first that fails nothing is written any more. */
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

  /** Set once a write has failed: what was added since is lost. */
  get failure(): { readonly error: unknown } | undefined {
    return this.#failure;
  }

  add(item: T): void {
    if (this.#failure !== undefined) return;
    this.#waiting.push(item);
    if (this.#writing === undefined) this.#schedule();
  }

  /** Writes what waits, at once. Resolves when all that was added before is written or lost; never rejects. */
  async flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    while (this.#writing !== undefined) await this.#writing;
    if (this.#waiting.length === 0 || this.#failure !== undefined) return;
    this.#writing = this.#write();
    await this.#writing;
  }

  #schedule(): void {
    if (this.#timer !== undefined) return;
    const waitMs = this.#lastMs + this.#options.everyMs - monotonicMs();
    if (waitMs <= 0) void this.flush();
    else this.#timer = setTimeout(() => void this.flush(), waitMs);
  }

  async #write(): Promise<void> {
    this.#lastMs = monotonicMs();
    const items = this.#waiting;
    this.#waiting = [];
    try {
      await this.#options.write(items);
    } catch (error) {
      this.#failure = { error };
      this.#waiting = [];
    } finally {
      this.#writing = undefined;
    }
    if (this.#waiting.length > 0) this.#schedule();
  }
}

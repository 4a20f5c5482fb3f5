import { Turns } from "../core/turns.ts";
import { type KeepRule, type Kept, surplus } from "./surplus.ts";

/** What keeping to limits needs of the rest. */
export interface RetentionOptions {
  /** All recordings, in any order. */
  readonly list: () => Promise<readonly Kept[]>;
  /** What one channel may keep. */
  readonly keepOf: (channel: string) => KeepRule;
  /** What all channels together may keep. */
  readonly total: KeepRule;
  /** Deletes a recording for a reason; rejects when it cannot be deleted now. */
  readonly remove: (id: string, reason: string) => Promise<unknown>;
  readonly report: (event: string, details: Record<string, unknown>) => void;
}

/** Recordings grow old without anything happening. */
const LOOK_MS = 600_000;

/** Deletes recordings that are too old, too many or too large: one look at a time, and one more when asked meanwhile. */
export class Retention implements AsyncDisposable {
  readonly #options: RetentionOptions;
  readonly #turns = new Turns();
  #isAsked = false;
  #isOver = false;
  readonly #timer: NodeJS.Timeout;

  /** Looks at once, and then from time to time. */
  constructor(options: RetentionOptions) {
    this.#options = options;
    this.#timer = setInterval(() => this.soon(), LOOK_MS).unref();
    this.soon();
  }

  /** Something has changed: looks when the look under way is over. */
  soon(): void {
    if (this.#isAsked || this.#isOver) return;
    this.#isAsked = true;
    void this.#turns.take(async () => {
      this.#isAsked = false;
      await this.#look();
    });
  }

  /** Resolves when the look under way is over. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isOver = true;
    clearInterval(this.#timer);
    await this.#turns.take(async () => {});
  }

  async #look(): Promise<void> {
    const { list, keepOf, total, remove, report } = this.#options;
    try {
      for (const { id, reason } of surplus(await list(), { keepOf, total, nowMs: Date.now() })) {
        if (this.#isOver) return;
        await remove(id, reason).catch((error: unknown) => report("a recording stays", { broadcast: id, err: error }));
      }
    } catch (error) {
      report("recordings could not be looked at", { err: error });
    }
  }
}

import { setTimeout as sleep } from "node:timers/promises";
import { Rate } from "../core/rate.ts";

/** So much of the limit may come at once: a publisher that lost its connection has something to make up for. */
const BURST_SECONDS = 10;

/** How fast the bytes of one broadcast are taken. */
export class Pace {
  /** The limit in kbit/s. */
  readonly kbps: number;
  readonly #rate: Rate;

  constructor(kbps: number) {
    const perSecond = (kbps * 1000) / 8;
    this.kbps = kbps;
    this.#rate = new Rate({ perSecond, burst: perSecond * BURST_SECONDS });
  }

  /** Counts bytes that were taken. */
  add(bytes: number): void {
    this.#rate.add(bytes);
  }

  /** Whether more would be too fast now. */
  get isExceeded(): boolean {
    return this.#rate.waitMs() > 0;
  }

  /** Resolves when more may come, or as soon as `gone` aborts. */
  async room(gone: AbortSignal): Promise<void> {
    // Timers count whole milliseconds, and may be a little early.
    while (this.isExceeded && !gone.aborted) {
      await sleep(Math.ceil(this.#rate.waitMs()), undefined, { signal: gone }).catch(() => {});
    }
  }
}

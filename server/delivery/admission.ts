import { performance } from "node:perf_hooks";

/** How often the load is looked at. */
const LOOK_MS = 1_000;
/** Above this share of busy time, what is left is for those who are being served. */
const BUSY = 0.9;
/** For so many looks in a row: a single busy second is no sign of too many viewers. */
const LOOKS = 3;

/**
 * Says whether one more viewer can be served. A server at its limit serves everybody late, so new viewers are refused
 * before the old ones suffer.
 */
export class Admission implements Disposable {
  readonly #maxViewers: number;
  readonly #timer: NodeJS.Timeout;
  #last = performance.eventLoopUtilization();
  #busyLooks = 0;

  constructor(maxViewers: number) {
    this.#maxViewers = maxViewers;
    this.#timer = setInterval(() => this.#look(), LOOK_MS).unref();
  }

  /** Why a viewer beside `present` others cannot be taken; undefined when it can. */
  refusal(present: number): string | undefined {
    if (present >= this.#maxViewers) return `this server has ${this.#maxViewers} viewers and takes no more`;
    if (this.#busyLooks >= LOOKS) return "this server is at its limit; try again in a while";
    return undefined;
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    const now = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(now, this.#last);
    this.#busyLooks = utilization > BUSY ? this.#busyLooks + 1 : 0;
    this.#last = now;
  }
}

import { performance } from "node:perf_hooks";
import { LoadForecast } from "./load-forecast.ts";

/** How often the load is looked at: half as long as a flood of newcomers needs to become a nuisance. */
const LOOK_MS = 500;
/** Above this share of busy time, what is left is for those who are being served. */
const BUSY = 0.9;

/** What newcomers are judged by. */
export interface AdmissionOptions {
  readonly maxViewers: number;
  /** How many viewers there are now. */
  readonly viewers: () => number;
  /** The share of time for which this process was busy since it was asked before; the event loop knows. */
  readonly busy?: () => number;
}

/**
 * Says whether one more viewer can be served. A server at its limit serves everybody late, so new viewers are refused
 * before the old ones suffer: while they come, and not only when their number shows in the load.
 */
export class Admission implements Disposable {
  readonly #options: AdmissionOptions;
  readonly #forecast = new LoadForecast();
  readonly #timer: NodeJS.Timeout;

  constructor(options: AdmissionOptions) {
    const { busy = busyLoop() } = options;
    this.#options = options;
    this.#timer = setInterval(() => this.#forecast.look(busy(), options.viewers()), LOOK_MS).unref();
  }

  /** Why another viewer cannot be taken; undefined when it can. */
  get refusal(): string | undefined {
    const { maxViewers, viewers } = this.#options;
    const present = viewers();
    if (present >= maxViewers) return `this server has ${maxViewers} viewers and takes no more`;
    if (this.#forecast.busyWith(present + 1) > BUSY) return "this server is at its limit; try again in a while";
    return undefined;
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }
}

function busyLoop(): () => number {
  let last = performance.eventLoopUtilization();
  return () => {
    const now = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(now, last);
    last = now;
    return utilization;
  };
}

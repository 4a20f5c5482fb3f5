import { AddressList } from "./address-list.ts";
import { monotonicMs } from "./clock.ts";
import { Rate } from "./rate.ts";

/** So many seconds' worth of requests may come at once. */
const BURST_SECONDS = 5;
/** Addresses that have been quiet are forgotten this often, so that a flood from many leaves nothing behind. */
const SWEEP_MS = 10_000;

/** How many requests one address may make, and which addresses may make any number. */
export interface RequestLimitOptions {
  readonly perSecond: number;
  /** How many may come at once after a pause; without it, {@link BURST_SECONDS}' worth. */
  readonly burst?: number;
  /** Addresses and subnets such as `10.0.0.0/8`, or `*` for all. */
  readonly exempt: readonly string[];
  /** Milliseconds on a clock that never runs backwards. */
  readonly now?: () => number;
}

/** Counts requests by the address they come from. */
export class RequestLimit {
  readonly #options: RequestLimitOptions;
  readonly #exempt: AddressList;
  readonly #rates = new Map<string, Rate>();
  readonly #now: () => number;
  #sweptMs: number;

  constructor(options: RequestLimitOptions) {
    this.#options = options;
    this.#exempt = new AddressList(options.exempt);
    this.#now = options.now ?? monotonicMs;
    this.#sweptMs = this.#now();
  }

  /** Addresses that are remembered; tests prove with it that it forgets. */
  get size(): number {
    return this.#rates.size;
  }

  /** Counts one request; what is refused does not count. Returns after how many seconds it may be made, 0 for now. */
  take(address: string): number {
    const seconds = this.wait(address);
    if (seconds === 0 && !this.#exempt.has(address)) this.#rateOf(address).add(1);
    return seconds;
  }

  /** After how many seconds a request may be made, 0 for now; nothing is counted. */
  wait(address: string): number {
    if (this.#exempt.has(address)) return 0;
    this.#sweep();
    return Math.ceil((this.#rates.get(address)?.waitMs(1) ?? 0) / 1000);
  }

  #rateOf(address: string): Rate {
    const known = this.#rates.get(address);
    if (known !== undefined) return known;
    const { perSecond, burst = perSecond * BURST_SECONDS } = this.#options;
    const rate = new Rate({ perSecond, burst, now: this.#now });
    this.#rates.set(address, rate);
    return rate;
  }

  #sweep(): void {
    const nowMs = this.#now();
    if (nowMs - this.#sweptMs < SWEEP_MS) return;
    this.#sweptMs = nowMs;
    for (const [address, rate] of this.#rates) if (rate.isEmpty) this.#rates.delete(address);
  }
}

import { performance } from "node:perf_hooks";
import { monotonicMs } from "../core/clock.ts";
import { LoadForecast } from "./load-forecast.ts";

/** How often the load is looked at: half as long as a flood of newcomers needs to become a nuisance. */
const LOOK_MS = 500;
/** Above this share of busy time, what is left is for those who are being served. */
const BUSY = 0.9;
/** A visitor without a connection of its own who has asked for nothing for so long has gone. */
const GONE_MS = 20_000;
/** More of them are served, and not counted one by one. */
const MAX_VISITORS = 50_000;
const FULL = "this server is at its limit; try again in a while";

/** What newcomers are judged by. */
export interface AdmissionOptions {
  /** So many may watch over the live socket. */
  readonly maxViewers: number;
  /** How many do now. */
  readonly viewers: () => number;
  /** The share of time for which this process was busy since it was asked before; the event loop knows. */
  readonly busy?: () => number;
}

/** What a viewer over HTTP comes over. */
export interface Connection {
  once(event: "close", listener: () => void): unknown;
}

/**
 * Says whether one more viewer can be served. A server at its limit serves everybody late, so new viewers are refused
 * before the old ones suffer: while they come, and not only when their number shows in the load.
 */
export class Admission implements Disposable {
  readonly #options: AdmissionOptions;
  readonly #forecast = new LoadForecast();
  readonly #connections = new Set<Connection>();
  /** When each was served last who comes over connections that many share; who was served longest ago comes first. */
  readonly #visitors = new Map<string, number>();
  readonly #timer: NodeJS.Timeout;

  constructor(options: AdmissionOptions) {
    const { busy = busyLoop() } = options;
    this.#options = options;
    this.#timer = setInterval(() => {
      this.#forgetVisitors();
      this.#forecast.look(busy(), this.#served);
    }, LOOK_MS).unref();
  }

  /** Why another viewer of the live socket cannot be taken; undefined when it can. */
  get refusal(): string | undefined {
    const { maxViewers, viewers } = this.#options;
    if (viewers() >= maxViewers) return `this server has ${maxViewers} viewers and takes no more`;
    return this.#isFull ? FULL : undefined;
  }

  /**
   * Why nobody new can be served over this connection, or by this name where a proxy's connections are shared; undefined
   * when it can, or is served already.
   */
  refusalOf(visitor: Connection | string): string | undefined {
    return this.#isFull && !this.#isServed(visitor) ? FULL : undefined;
  }

  /** Somebody is served from now on: over this connection until it closes, by this name for as long as it asks. */
  serve(visitor: Connection | string): void {
    if (typeof visitor === "string") return this.#serveByName(visitor);
    if (this.#connections.has(visitor)) return;
    this.#connections.add(visitor);
    visitor.once("close", () => this.#connections.delete(visitor));
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  #serveByName(visitor: string): void {
    const isKnown = this.#visitors.delete(visitor);
    if (isKnown || this.#visitors.size < MAX_VISITORS) this.#visitors.set(visitor, monotonicMs());
  }

  #isServed(visitor: Connection | string): boolean {
    return typeof visitor === "string" ? this.#visitors.has(visitor) : this.#connections.has(visitor);
  }

  #forgetVisitors(): void {
    const goneMs = monotonicMs() - GONE_MS;
    for (const [visitor, seenMs] of this.#visitors) {
      if (seenMs > goneMs) return;
      this.#visitors.delete(visitor);
    }
  }

  get #isFull(): boolean {
    return this.#forecast.busyWith(this.#served + 1) > BUSY;
  }

  /** A viewer over HTTP has one connection or a few: what each costs is found out, whatever it is. */
  get #served(): number {
    return this.#options.viewers() + this.#connections.size + this.#visitors.size;
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

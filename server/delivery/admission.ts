import { performance } from "node:perf_hooks";
import { LoadForecast } from "./load-forecast.ts";

/** How often the load is looked at: half as long as a flood of newcomers needs to become a nuisance. */
const LOOK_MS = 500;
/** Above this share of busy time, what is left is for those who are being served. */
const BUSY = 0.9;
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
  readonly #timer: NodeJS.Timeout;

  constructor(options: AdmissionOptions) {
    const { busy = busyLoop() } = options;
    this.#options = options;
    this.#timer = setInterval(() => this.#forecast.look(busy(), this.#served), LOOK_MS).unref();
  }

  /** Why another viewer of the live socket cannot be taken; undefined when it can. */
  get refusal(): string | undefined {
    const { maxViewers, viewers } = this.#options;
    if (viewers() >= maxViewers) return `this server has ${maxViewers} viewers and takes no more`;
    return this.#isFull ? FULL : undefined;
  }

  /** Why nobody new can be served over this connection; undefined when it can, or is served already. */
  refusalOf(connection: Connection): string | undefined {
    return this.#isFull && !this.#connections.has(connection) ? FULL : undefined;
  }

  /** Somebody is served over this connection from now on, until it closes. */
  serve(connection: Connection): void {
    if (this.#connections.has(connection)) return;
    this.#connections.add(connection);
    connection.once("close", () => this.#connections.delete(connection));
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  get #isFull(): boolean {
    return this.#forecast.busyWith(this.#served + 1) > BUSY;
  }

  /** A viewer over HTTP has one connection or a few: what each costs is found out, whatever it is. */
  get #served(): number {
    return this.#options.viewers() + this.#connections.size;
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

import { monitorEventLoopDelay } from "node:perf_hooks";
import { monotonicMs } from "./clock.ts";

/**
 * The event loop's delay is sampled this often; what it adds itself is taken off. Each sample wakes the process: fifty a
 * second would cost as much as half a publisher.
 */
const RESOLUTION_MS = 100;
/** Figures are over the time since the last question, and over this at least. */
const LEAST_MS = 1_000;

/** What this process takes. */
export interface ProcessFigures {
  readonly uptimeSeconds: number;
  /** Of one core. */
  readonly cpuPercent: number;
  readonly memoryBytes: number;
  readonly heapBytes: number;
  readonly loopDelayMs: { readonly p50: number; readonly p99: number };
}

/** Measures this process, between one question and the next. */
export class ProcessMeter implements Disposable {
  readonly #delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  #cpu = process.cpuUsage();
  #atMs = monotonicMs();
  #last: ProcessFigures | undefined;

  constructor() {
    this.#delay.enable();
  }

  measure(): ProcessFigures {
    const elapsedMs = monotonicMs() - this.#atMs;
    if (this.#last !== undefined && elapsedMs < LEAST_MS) return this.#last;
    const { user, system } = process.cpuUsage(this.#cpu);
    const { rss, heapUsed } = process.memoryUsage();
    this.#last = {
      uptimeSeconds: Math.round(process.uptime()),
      cpuPercent: round((user + system) / 10 / Math.max(1, elapsedMs)),
      memoryBytes: rss,
      heapBytes: heapUsed,
      loopDelayMs: { p50: this.#late(50), p99: this.#late(99) },
    };
    this.#cpu = process.cpuUsage();
    this.#atMs = monotonicMs();
    this.#delay.reset();
    return this.#last;
  }

  [Symbol.dispose](): void {
    this.#delay.disable();
  }

  #late(percentile: number): number {
    return round(Math.max(0, this.#delay.percentile(percentile) / 1e6 - RESOLUTION_MS));
  }
}

function round(figure: number): number {
  return Number(figure.toFixed(2));
}

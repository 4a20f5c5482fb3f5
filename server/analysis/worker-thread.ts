import { Worker } from "node:worker_threads";
import { deadline, TimedOut } from "../core/deadline.ts";
import { messageOf } from "../core/errors.ts";
import type { Finding } from "./finding.ts";
import type { FrameParcel } from "./frame.ts";
import { type FromWorker, fromWorker, type WorkerJob } from "./worker-messages.ts";

/** What a thread of analysers may take. */
export interface WorkerLimits {
  /** From its start until it is ready, in ms. */
  readonly loadMs: number;
  /** For one frame, in ms. */
  readonly frameMs: number;
  /** Heap, and the same again outside it. */
  readonly memoryMb: number;
}

/** What the thread runs lies beside this module, as what it is built to or as what it is built of. */
const IS_SOURCE = import.meta.url.endsWith(".ts");
const MODULE = new URL(`./worker.${IS_SOURCE ? "ts" : "js"}`, import.meta.url);
/** Node 20 reads no TypeScript: who runs the sources, in development and in tests, has what makes it do so. */
const FROM_SOURCE = `import("tsx/esm/api").then(({ register }) => register() && import(${JSON.stringify(MODULE.href)}));`;
const MIB = 1024 * 1024;

/** One thread of analysers. A frame is answered before the next is sent, so a silent thread is a hanging one. */
export class WorkerThread implements AsyncDisposable {
  readonly #worker: Worker;
  readonly #limits: WorkerLimits;
  readonly #gone = new AbortController();
  #wake: (answer: FromWorker) => void = () => {};

  constructor(job: WorkerJob, limits: WorkerLimits) {
    this.#limits = limits;
    this.#worker = new Worker(IS_SOURCE ? FROM_SOURCE : MODULE, {
      eval: IS_SOURCE,
      workerData: job,
      // What it prints belongs to nobody, and must not fill the server's output.
      ...{ stdout: true, stderr: true, execArgv: [] },
      // It need not know the server's secrets.
      env: {},
      resourceLimits: { maxOldGenerationSizeMb: limits.memoryMb, maxYoungGenerationSizeMb: 16, stackSizeMb: 4 },
    });
    this.#worker.stdout.resume();
    this.#worker.stderr.resume();
    this.#worker.on("message", (message: unknown) => this.#hear(message));
    this.#worker.on("error", (error: unknown) => this.#gone.abort(new Error(`it failed: ${messageOf(error)}`)));
    this.#worker.on("exit", () => this.#gone.abort(new Error("it ended by itself")));
  }

  /** Which frames it wants, once it is ready. */
  async ready(signal: AbortSignal): Promise<readonly FrameParcel["kind"][]> {
    const answer = await this.#answer(signal, this.#limits.loadMs, "it was not ready");
    return answer.type === "ready" ? answer.wants : [];
  }

  /** Hands it a frame and waits for what it finds. Rejects, with the reason in words, when it will do nothing more. */
  async look(parcel: FrameParcel, signal: AbortSignal): Promise<readonly Finding[]> {
    const answered = this.#answer(signal, this.#limits.frameMs, "it did not answer");
    this.#worker.postMessage(parcel, [parcel.bytes.buffer]);
    const answer = await answered;
    if (answer.type !== "done") throw new Error("it said something else than was asked");
    if (answer.outsideBytes > this.#limits.memoryMb * MIB) {
      throw new Error(`it holds more than ${this.#limits.memoryMb} MiB`);
    }
    return answer.findings;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#worker.terminate();
  }

  #hear(message: unknown): void {
    const parsed = fromWorker.safeParse(message);
    if (parsed.success) this.#wake(parsed.data);
    else this.#gone.abort(new Error("it found something that is no event"));
  }

  async #answer(signal: AbortSignal, ms: number, what: string): Promise<FromWorker> {
    using limit = deadline(signal, ms);
    const heard = new Promise<FromWorker>((resolve) => {
      this.#wake = resolve;
    });
    const over = new AbortController();
    try {
      return await Promise.race([
        heard,
        aborted(this.#gone.signal, over.signal),
        aborted(limit.signal, over.signal).catch((reason: unknown) => {
          throw reason instanceof TimedOut ? new Error(`${what} within ${ms / 1000} s`) : reason;
        }),
      ]);
    } finally {
      over.abort();
    }
  }
}

/** Rejects when `signal` aborts, and stays silent from `over` on. */
function aborted(signal: AbortSignal, over: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) return reject(signal.reason);
    signal.addEventListener("abort", () => reject(signal.reason), { once: true, signal: over });
  });
}

import { setTimeout as sleep } from "node:timers/promises";
import { monotonicMs } from "../core/clock.ts";
import { messageOf } from "../core/errors.ts";
import { Scope } from "../core/scope.ts";
import type { AnalysisState } from "../protocol/analysis.ts";
import type { Finding } from "./finding.ts";
import type { FrameParcel } from "./frame.ts";
import { FrameQueue } from "./frame-queue.ts";
import type { WorkerJob } from "./worker-messages.ts";
import { type WorkerLimits, WorkerThread } from "./worker-thread.ts";

/** What analysers may take before they are stopped. */
export interface HostLimits extends WorkerLimits {
  /** Frames that may wait for them. */
  readonly queueBytes: number;
  /** Waits between restarts, in ms; with the first failure after the last of them they are given up. */
  readonly restartWaitsMs: readonly number[];
}

export const HOST_LIMITS: HostLimits = {
  loadMs: 15_000,
  frameMs: 2_000,
  memoryMb: 96,
  queueBytes: 4 * 1024 * 1024,
  restartWaitsMs: [500, 2_000, 8_000],
};
/** Failures further apart than this have nothing to do with each other. */
const FORGIVEN_MS = 10 * 60_000;

/** Who hears from analysers. */
export interface HostListener {
  found(findings: readonly Finding[], time: number): void;
  /** They were stopped: what they had begun will not be ended by them. */
  broke(time: number, reason: string): void;
  report(event: string, details: Record<string, unknown>): void;
}

/** Analysers in a thread of their own: hands them frames, stops them when they misbehave, and starts them anew. */
export class AnalyserHost implements AsyncDisposable {
  readonly name: string;
  /** What they want to see; settles when the first thread is ready or they are given up. Never rejects. */
  readonly wants: Promise<readonly FrameParcel["kind"][]>;
  /** Settles when the last frame has been looked at. Never rejects. */
  readonly ended: Promise<void>;
  readonly #job: WorkerJob;
  readonly #limits: HostLimits;
  readonly #listener: HostListener;
  readonly #scope = new Scope();
  readonly #queue: FrameQueue;
  #tellWants: (wants: readonly FrameParcel["kind"][]) => void = () => {};
  #state: AnalysisState["analysers"][number]["state"] = "running";
  #wanted: readonly FrameParcel["kind"][] = [];
  #failures: number[] = [];
  #restarts = 0;
  #failure: string | null = null;
  #frames = 0;
  #time = 0;

  constructor(name: string, job: WorkerJob, listener: HostListener, limits: HostLimits = HOST_LIMITS) {
    this.name = name;
    this.#job = job;
    this.#limits = limits;
    this.#listener = listener;
    this.#queue = new FrameQueue(limits.queueBytes);
    this.wants = new Promise((resolve) => {
      this.#tellWants = resolve;
    });
    this.ended = this.#run();
  }

  /** Pictures that were looked at, and those that were not. */
  get counts(): { readonly frames: number; readonly dropped: number } {
    return { frames: this.#frames, dropped: this.#queue.dropped };
  }

  get state(): AnalysisState["analysers"][number] {
    return { name: this.name, state: this.#state, restarts: this.#restarts, failure: this.#failure };
  }

  /** Takes a frame if it is wanted; what waits longest goes when there is no room. */
  offer(parcel: FrameParcel): void {
    if (this.#takes(parcel)) this.#queue.push(parcel);
  }

  /** Resolves when a frame can be offered without another being lost for it. */
  async room(parcel: FrameParcel, signal: AbortSignal): Promise<void> {
    // What begins anew is not waited for.
    if (this.#takes(parcel) && this.#state === "running") await this.#queue.room(parcel.bytes.byteLength, signal);
  }

  /** Whether a frame of this kind is for these analysers. */
  isFor({ kind }: FrameParcel): boolean {
    return this.#wanted.includes(kind);
  }

  /** Nothing more will come: resolves when everything has been looked at. */
  async finish(): Promise<void> {
    this.#queue.end();
    await this.ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#scope.close();
    await this.ended;
  }

  #takes(parcel: FrameParcel): boolean {
    return this.#state !== "given up" && this.isFor(parcel);
  }

  async #run(): Promise<void> {
    const { signal } = this.#scope;
    for (let isOver = false; !isOver && !signal.aborted; ) {
      try {
        await this.#runOnce(signal);
        isOver = true;
      } catch (error) {
        isOver = signal.aborted || !(await this.#mayTryAgain(messageOf(error), signal));
      }
    }
    this.#tellWants([]);
    this.#queue.clear();
  }

  async #runOnce(signal: AbortSignal): Promise<void> {
    await using thread = new WorkerThread(this.#job, this.#limits);
    this.#wanted = await thread.ready(signal);
    this.#tellWants(this.#wanted);
    this.#state = "running";
    for (;;) {
      const parcel = await this.#queue.next(signal);
      if (parcel === undefined) return;
      const { kind, time } = parcel;
      const findings = await thread.look(parcel, signal);
      this.#time = time;
      if (kind === "picture") this.#frames += 1;
      this.#listener.found(findings, time);
    }
  }

  async #mayTryAgain(reason: string, signal: AbortSignal): Promise<boolean> {
    const now = monotonicMs();
    this.#failures = [...this.#failures.filter((at) => now - at < FORGIVEN_MS), now];
    this.#failure = reason;
    this.#queue.clear();
    this.#listener.broke(this.#time, reason);
    const waitMs = this.#limits.restartWaitsMs[this.#failures.length - 1];
    if (waitMs === undefined) {
      this.#state = "given up";
      this.#listener.report("analysers were given up", { analysers: this.name, reason });
      return false;
    }
    this.#state = "restarting";
    this.#listener.report("analysers were stopped and are started again", { analysers: this.name, reason, waitMs });
    await sleep(waitMs, undefined, { signal }).catch(() => {});
    this.#restarts += 1;
    return !signal.aborted;
  }
}

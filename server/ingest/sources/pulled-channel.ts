import { setTimeout as sleep } from "node:timers/promises";
import { monotonicMs, wallMs } from "../../core/clock.ts";
import { messageOf } from "../../core/errors.ts";
import { Pulse } from "../../core/pulse.ts";
import type { SourceChannel } from "../../protocol/sources.ts";
import type { Pull, SourceParts } from "./pull.ts";
import { RetryWaits } from "./retry-waits.ts";
import { type RunEnd, runSource } from "./run.ts";

/** What is pulled, and when. */
export interface PulledChannelOptions {
  readonly channel: string;
  /** Starts to read it; rejects when that cannot be. */
  readonly open: () => Promise<Pull>;
  readonly isKept: boolean;
  /** Runs only while somebody watches. */
  readonly onDemand: boolean;
  /** So long after the last viewer it stops. */
  readonly stopAfterMs: number;
  /** It waits for somebody who sends: that nobody comes is no failure. */
  readonly listens: boolean;
}

/** How often viewers are looked for. */
const LOOK_MS = 500;
/** A listener is made anew sooner, whether somebody came or not. */
const LISTENER_MS = 60_000;
/** A listener that was there for so long could listen. */
const LISTENED_MS = 10_000;

/** One channel that is pulled: read, read again when it ends or fails, and only while that is wanted. */
export class PulledChannel implements AsyncDisposable {
  readonly channel: string;
  readonly #options: PulledChannelOptions;
  readonly #parts: SourceParts;
  readonly #closed = new AbortController();
  readonly #wanted = new Pulse();
  readonly #waits = new RetryWaits();
  readonly #done: Promise<void>;
  #wantedMs = Number.NEGATIVE_INFINITY;
  #state: SourceChannel["state"] = "starting";
  #problem: string | undefined;
  #retryAtMs: number | undefined;

  constructor(options: PulledChannelOptions, parts: SourceParts) {
    this.channel = options.channel;
    this.#options = options;
    this.#parts = parts;
    this.#done = this.#work().catch((error: unknown) => {
      if (this.#closed.signal.aborted) return;
      this.#state = "stopped";
      this.#problem = messageOf(error);
    });
  }

  /** What the API tells of it. */
  get state(): SourceChannel {
    const retryAt = this.#retryAtMs === undefined ? null : new Date(this.#retryAtMs).toISOString();
    return { channel: this.channel, state: this.#state, problem: this.#problem ?? null, retryAt };
  }

  /** It can be watched though it is not live, as far as is known: it starts when somebody comes. */
  get isOnOffer(): boolean {
    return this.#options.onDemand && this.#state === "idle" && this.#problem === undefined;
  }

  /** Somebody wants to watch it. Undefined when it cannot begin now, or somebody else publishes to its channel. */
  want(): "coming" | "there" | undefined {
    const isIdle = this.#state === "idle";
    if (isIdle && this.#parts.publishing.isLive(this.channel)) return undefined;
    this.#wantedMs = monotonicMs();
    if (isIdle) this.#wanted.fire();
    if (this.#state === "live") return "there";
    return isIdle || this.#state === "starting" ? "coming" : undefined;
  }

  /** Somebody is watching it. One who only fetches what has been before does not start it. */
  touch(): void {
    if (this.#state === "live") this.#wantedMs = monotonicMs();
  }

  /** Resolves when nothing of it is left. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed.abort(new Error("the source was removed"));
    await this.#done;
  }

  async #work(): Promise<void> {
    const { signal } = this.#closed;
    while (!signal.aborted) {
      if (this.#options.onDemand) await this.#untilWanted();
      const end = await this.#run();
      if (signal.aborted) return;
      if (end.reason === "stopped") return this.#stop(end);
      if (end.reason !== "left") await this.#waitAfter(end);
    }
  }

  async #untilWanted(): Promise<void> {
    this.#state = "idle";
    // Viewers of somebody else who publishes there have what they want.
    while (!this.#isWanted || this.#parts.publishing.isLive(this.channel)) {
      // Who waits for it on a socket may have come before it was there.
      const look = setInterval(() => this.#wanted.fire(), LOOK_MS);
      await this.#wanted.wait(this.#closed.signal).finally(() => clearInterval(look));
    }
  }

  get #isWanted(): boolean {
    if (this.#parts.isWatched(this.channel)) this.#wantedMs = monotonicMs();
    return monotonicMs() - this.#wantedMs < this.#options.stopAfterMs;
  }

  async #run(): Promise<RunEnd> {
    const { channel, listens, isKept, onDemand, open } = this.#options;
    const { publishing, idleMs } = this.#parts;
    this.#state = listens ? "listening" : "starting";
    const beganMs = monotonicMs();
    const run = new AbortController();
    const leave = () => run.abort(this.#closed.signal.reason);
    this.#closed.signal.addEventListener("abort", leave, { once: true });
    const unwatched = () => this.#isWanted || run.abort(new Error("nobody watches"));
    const look = onDemand ? setInterval(unwatched, LOOK_MS) : undefined;
    try {
      await publishing.check(channel);
      const publication = publishing.publish(channel, { isKept });
      const patienceMs = listens ? Math.max(idleMs, LISTENER_MS) : idleMs;
      const isLive = () => publishing.isLive(channel);
      const onLive = () => this.#onLive();
      const end = await runSource({ open, publication, idleMs: patienceMs, isLive, onLive, signal: run.signal });
      const hasListened = listens && end.liveMs === 0 && monotonicMs() - beganMs >= LISTENED_MS;
      return hasListened ? { reason: "left", problem: undefined, liveMs: 0 } : end;
    } catch (error) {
      return { reason: "failed", problem: messageOf(error), liveMs: 0 };
    } finally {
      clearInterval(look);
      this.#closed.signal.removeEventListener("abort", leave);
    }
  }

  #onLive(): void {
    const { channel } = this;
    this.#state = "live";
    this.#parts.report("a source is live", { channel });
    if (this.#problem !== undefined) this.#parts.publishing.notify(channel, `The source is back. ${this.#problem}`);
    this.#problem = undefined;
  }

  #stop({ problem }: RunEnd): void {
    this.#state = "stopped";
    this.#problem = problem;
    this.#parts.report("a source was stopped", { channel: this.channel, problem });
  }

  async #waitAfter({ problem, liveMs }: RunEnd): Promise<void> {
    const waitMs = this.#waits.after(liveMs);
    this.#state = "waiting";
    this.#problem = problem ?? "The source has ended.";
    this.#retryAtMs = wallMs() + waitMs;
    this.#parts.report("a source is lost", { channel: this.channel, problem: this.#problem, waitMs });
    await sleep(waitMs, undefined, { signal: this.#closed.signal }).catch(() => {});
    this.#retryAtMs = undefined;
  }
}

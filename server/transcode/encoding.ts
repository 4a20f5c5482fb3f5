import { setTimeout as sleep } from "node:timers/promises";
import { monotonicMs, wallMs } from "../core/clock.ts";
import { isLiveError, LiveError, messageOf } from "../core/errors.ts";
import { Scope } from "../core/scope.ts";
import { buildCommand } from "./command.ts";
import { FailureCount, MAX_FAILURES } from "./failure-count.ts";
import { Feed } from "./feed.ts";
import { Ffmpeg } from "./ffmpeg.ts";
import type { Outputs } from "./outputs.ts";
import { type EncodePlan, planEncoding, type RungWish } from "./plan.ts";
import type { Source, SourceEpoch, SourcePoint } from "./source.ts";

/** What does not change from one broadcast to the next. */
export interface EncodingSettings {
  readonly binary: string;
  readonly ladder: readonly RungWish[];
  readonly segmentSeconds: number;
  readonly maxKeyIntervalSeconds: number;
  readonly audioKbps: number;
}

/** Told about every command line and every end of a run. */
export type EncodingReport = (event: string, details: Record<string, unknown>) => void;

/** Encoding further behind the publisher than this skips to the newest resync point. */
const MAX_LAG_MS = 30_000;
/** What begins at 0 is moved at least this far: AAC starts before its first sound, and below 0 its times would wrap. */
const MIN_LEAD_SECONDS = 1;
/** An encoder that takes nothing and gives nothing for this long, with bytes waiting, is started anew. */
const MAX_STALL_MS = 8_000;
/** How often the lag is looked at. */
const CHECK_MS = 1_000;

/** How one run of FFmpeg came to its end. */
type RunEnd = "finished" | "keys too far apart" | "behind" | { readonly failed: unknown };

/** How the next run starts: with which plan, from where, and whether it continues what the last one published. */
interface RunStart {
  readonly plan: EncodePlan;
  readonly from: SourcePoint | undefined;
  readonly continues: boolean;
}

/**
 * Follows one broadcast's log into FFmpeg: one process per epoch makes all tracks. Starts it anew from the log when it
 * dies, when it falls behind, and when the publisher's key frames turn out to be too far apart to cut segments at.
 */
export class Encoding implements AsyncDisposable {
  /** Settles when the last run is over and everything is published. Never rejects. */
  readonly ended: Promise<void>;
  readonly #source: Source;
  readonly #outputs: Outputs;
  readonly #settings: EncodingSettings;
  readonly #report: EncodingReport;
  readonly #scope = new Scope();
  readonly #failures = new FailureCount();
  /** Whether the publisher's picture may be passed through: fixed by the first epoch, as segment lengths depend on it. */
  #mayCopy: boolean | undefined;

  constructor(source: Source, outputs: Outputs, options: { settings: EncodingSettings; report: EncodingReport }) {
    this.#source = source;
    this.#outputs = outputs;
    this.#settings = options.settings;
    this.#report = options.report;
    this.ended = this.#run();
  }

  /** Stops at once, whatever is in flight. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#scope.close();
    await this.ended;
  }

  async #run(): Promise<void> {
    try {
      for (let number = 0; ; number++) {
        const epoch = await this.#epoch(number);
        if (epoch === undefined || !(await this.#encodeEpoch(epoch))) return;
      }
    } catch (error) {
      if (!this.#scope.signal.aborted) this.#report("encoding failed", { err: error });
    }
  }

  /** Waits for an epoch and its first frame; undefined when the broadcast ends without. */
  async #epoch(number: number): Promise<SourceEpoch | undefined> {
    while (true) {
      const epoch = this.#source.epochs[number];
      if (epoch?.firstTime !== undefined) return epoch;
      if (epoch?.end !== undefined) return this.#epoch(number + 1);
      if (this.#source.log.ended) return undefined;
      await this.#source.changed.wait(this.#scope.signal);
    }
  }

  /** Resolves false when encoding has been given up. */
  async #encodeEpoch(epoch: SourceEpoch): Promise<boolean> {
    const offsetSeconds = this.#offsetFor(epoch);
    let start: RunStart = { plan: this.#planFor(epoch), from: undefined, continues: false };
    while (true) {
      const end = await this.#runOnce(epoch, start, offsetSeconds);
      this.#scope.signal.throwIfAborted();
      if (end === "finished") return true;
      if (typeof end === "object" && !(await this.#mayTryAgain(end.failed))) return false;
      start = this.#nextStart(epoch, { end, plan: start.plan, offsetSeconds });
    }
  }

  /**
   * The first epoch keeps the publisher's own times. A later one lies where its bytes arrived, so that the timeline
   * goes on like the clock on the wall, but never before the end of what has been published.
   */
  #offsetFor(epoch: SourceEpoch): number {
    const { segmentSeconds } = this.#settings;
    // Whole segments, so that what begins at 0 begins with a whole one.
    const lead = Math.ceil(MIN_LEAD_SECONDS / segmentSeconds) * segmentSeconds;
    const firstTime = epoch.firstTime ?? 0;
    const first = this.#source.epochs[0];
    const end = this.#outputs.end;
    if (end === undefined || first?.firstTime === undefined) return lead;
    const arrived = first.firstTime + lead + (epoch.arrivedMs - first.arrivedMs) / 1000;
    return Math.round((Math.max(end, arrived) - firstTime) * 1000) / 1000;
  }

  #planFor(epoch: SourceEpoch): EncodePlan {
    const { ladder, audioKbps } = this.#settings;
    this.#mayCopy ??= planEncoding(epoch.tracks, { ladder, audioKbps, mayCopy: true }).keys === "source";
    return planEncoding(epoch.tracks, { ladder, audioKbps, mayCopy: this.#mayCopy && this.#keysAreClose(epoch) });
  }

  #keysAreClose(epoch: SourceEpoch): boolean {
    return epoch.longestKeyInterval <= this.#settings.maxKeyIntervalSeconds;
  }

  #nextStart(epoch: SourceEpoch, last: { end: RunEnd; plan: EncodePlan; offsetSeconds: number }): RunStart {
    if (last.end === "behind") {
      return { plan: this.#planFor(epoch), from: epoch.newestResync, continues: false };
    }
    const plan = this.#planFor(epoch);
    const published = last.plan.tracks
      .map((track) => this.#outputs.endOf(track.name))
      .filter((end) => end !== undefined);
    // From here every track can be continued without a gap; what is published already is dropped again.
    const from = published.length === 0 ? undefined : epoch.resyncBefore(Math.min(...published) - last.offsetSeconds);
    // Without recording, what is long ago is deleted.
    if ((from?.offset ?? epoch.init.end) < this.#source.log.start) {
      return { plan, from: epoch.newestResync, continues: false };
    }
    return { plan, from, continues: plan.keys === last.plan.keys };
  }

  async #runOnce(epoch: SourceEpoch, start: RunStart, offsetSeconds: number): Promise<RunEnd> {
    const anchor = { seconds: (epoch.firstTime ?? 0) + offsetSeconds, wallMs: epoch.arrivedMs };
    const { segmentSeconds, maxKeyIntervalSeconds } = this.#settings;
    const output = this.#outputs.openRun({
      tracks: start.plan.tracks,
      continues: start.continues,
      anchor,
      longestSegmentSeconds: this.#mayCopy ? maxKeyIntervalSeconds : segmentSeconds,
    });
    const run = new Scope();
    try {
      const { log } = this.#source;
      const until = () => epoch.end;
      const feed = new Feed({ log, init: epoch.init, from: start.from, until, signal: run.signal });
      const command = buildCommand({
        plan: start.plan,
        container: epoch.kind,
        segmentSeconds,
        offsetSeconds,
        urlOf: (track) => output.urlOf(track),
        firstPicture: start.from?.time ?? epoch.firstKeyTime ?? epoch.firstTime ?? 0,
        resumeAt: (track) => this.#resumeAt(track, { ...start, offsetSeconds }),
      });
      const ffmpeg = run.use(Ffmpeg.start({ binary: this.#settings.binary, input: feed.stream, ...command }));
      // Aborting the scope is what stops the waits below.
      const follow = () => void run.close().catch(() => {});
      this.#scope.signal.addEventListener("abort", follow, { once: true });
      run.defer(() => this.#scope.signal.removeEventListener("abort", follow));
      // What the outputs' addresses contain is a secret between this process and its encoder.
      void ffmpeg.command.then((line) => this.#report("encoder started", { command: withoutSecrets(line) }));
      return await Promise.race([
        ffmpeg.finished.then(
          () => this.#verdict(epoch),
          (failed: unknown): RunEnd => ({ failed }),
        ),
        this.#keysTooFar(epoch, start.plan, run.signal),
        this.#fallsBehind(epoch, feed, run.signal),
        this.#stalls(epoch, feed, run.signal),
      ]);
    } finally {
      await run.close();
      await output.end();
    }
  }

  /** FFmpeg also ends well when it meets bytes that it takes for the end; the publisher alone decides that. */
  #verdict(epoch: SourceEpoch): RunEnd {
    if (this.#source.log.ended || epoch.end !== undefined) return "finished";
    return { failed: new LiveError("encoder_failed", "FFmpeg ended before the publisher did") };
  }

  /** Each track goes on where it ended; after a break all pictures begin together, where the last of them ended. */
  #resumeAt(
    track: string,
    { plan, continues, offsetSeconds }: RunStart & { offsetSeconds: number },
  ): number | undefined {
    const isVideo = plan.tracks.some(({ name, kind }) => name === track && kind === "video");
    const end = isVideo && !continues ? this.#outputs.end : this.#outputs.endOf(track);
    return end === undefined ? undefined : end - offsetSeconds;
  }

  /** Resolves when a passed-through track can no longer be cut; never when nothing is passed through. */
  async #keysTooFar(epoch: SourceEpoch, plan: EncodePlan, signal: AbortSignal): Promise<RunEnd> {
    if (plan.keys !== "source") return forever();
    while (this.#keysAreClose(epoch)) {
      if (await isCutShort(this.#source.changed.wait(signal))) return forever();
    }
    const seconds = this.#settings.maxKeyIntervalSeconds;
    this.#source.notify(
      `More than ${seconds} s passed without a key frame, so the picture is encoded anew. A key frame every 1 to 2 s avoids that.`,
    );
    return "keys too far apart";
  }

  /** Resolves when the encoder is too far behind a publisher who is still live. */
  async #fallsBehind(epoch: SourceEpoch, feed: Feed, signal: AbortSignal): Promise<RunEnd> {
    while (!this.#source.log.ended && epoch.end === undefined) {
      if (await isCutShort(sleep(CHECK_MS, undefined, { signal }))) return forever();
      const waiting = epoch.resyncAfter(feed.offset);
      if (waiting !== undefined && wallMs() - waiting.arrivedMs > MAX_LAG_MS && !this.#source.log.ended) {
        this.#source.notify("The encoder could not keep up and has skipped to the present; the archive is complete.");
        return "behind";
      }
    }
    return forever();
  }

  /** Resolves when the encoder has done nothing for too long although there is something to do. */
  async #stalls(epoch: SourceEpoch, feed: Feed, signal: AbortSignal): Promise<RunEnd> {
    let progress = "";
    let sinceMs = monotonicMs();
    while (true) {
      if (await isCutShort(sleep(CHECK_MS, undefined, { signal }))) return forever();
      const now = `${feed.offset} ${this.#outputs.end}`;
      const { ended, length } = this.#source.log;
      const isIdle = !ended && epoch.end === undefined && feed.offset >= length;
      if (now !== progress || isIdle) sinceMs = monotonicMs();
      progress = now;
      if (monotonicMs() - sinceMs > MAX_STALL_MS) {
        return { failed: new LiveError("encoder_failed", `FFmpeg did nothing for ${MAX_STALL_MS / 1000} s`) };
      }
    }
  }

  /** Resolves when the next run may start; false when there shall be none. */
  async #mayTryAgain(failed: unknown): Promise<boolean> {
    const waitMs = this.#failures.add();
    const details = isLiveError(failed) ? failed.details : {};
    this.#report("encoder failed", { reason: messageOf(failed), ...details });
    if (waitMs === undefined) {
      this.#source.notify(`The encoder failed ${MAX_FAILURES} times and was given up: ${messageOf(failed)}`);
      return false;
    }
    this.#source.notify(`The encoder is started again: ${messageOf(failed)}`);
    await sleep(waitMs, undefined, { signal: this.#scope.signal });
    return true;
  }
}

/** Whether a wait was ended by its signal before what it waited for came. */
function isCutShort(wait: Promise<unknown>): Promise<boolean> {
  return wait.then(
    () => false,
    () => true,
  );
}

/** A wait that its race has already lost: it holds nothing and is collected with the race. */
function forever(): Promise<never> {
  return new Promise(() => {});
}

function withoutSecrets(command: string): string {
  return command.replaceAll(/(http:\/\/127\.0\.0\.1:\d+\/)[0-9a-f]+/g, "$1…");
}

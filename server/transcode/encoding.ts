import { setTimeout as sleep } from "node:timers/promises";
import { wallMs } from "../core/clock.ts";
import { isLiveError, LiveError, messageOf } from "../core/errors.ts";
import { Pulse } from "../core/pulse.ts";
import { Scope } from "../core/scope.ts";
import { buildCommand } from "./command.ts";
import { Course, type CourseSettings, type RunStart } from "./course.ts";
import type { EncoderName } from "./encoders.ts";
import { nextEpoch } from "./epochs.ts";
import { FailureCount, MAX_FAILURES } from "./failure-count.ts";
import { Feed } from "./feed.ts";
import { Ffmpeg } from "./ffmpeg.ts";
import { type KeepUpLimits, losesGround } from "./keep-up.ts";
import type { OutputRun, Outputs, RunPlace } from "./outputs.ts";
import { dearestPicture, type EncodePlan, type TrackPlan } from "./plan.ts";
import type { PreviewRequest, PreviewSettings } from "./preview-output.ts";
import { isSkip, type RunEnd, unreadable } from "./run-end.ts";
import type { Source, SourceEpoch } from "./source.ts";
import { fallsBehind, forever, isCutShort, stalls, type WatchedRun } from "./watch.ts";

/** What does not change from one broadcast to the next. */
export interface EncodingSettings extends CourseSettings {
  readonly binary: string;
  readonly encoder: EncoderName;
  /** Undefined: no preview images. */
  readonly previews?: PreviewSettings | undefined;
}

/** Told about every command line and every end of a run. */
export type EncodingReport = (event: string, details: Record<string, unknown>) => void;

/** How an encoding begins. */
export interface EncodingOptions {
  readonly settings: EncodingSettings;
  readonly report: EncodingReport;
  /** Called with why, each time that the encoder has failed and is started again. */
  readonly onRestart?: ((reason: string) => void) | undefined;
  /** Where the last run of an earlier life of the server read: what it has published is gone on with. */
  readonly past?: RunPlace | undefined;
  /** When the encoder counts as too slow. */
  readonly keepUp?: KeepUpLimits;
  /** The pictures that the earlier life could not make in time. */
  readonly dropped?: readonly string[] | undefined;
  /** Called with each picture that is not made any more, and why. */
  readonly onDropped?: ((picture: TrackPlan, reason: string) => void) | undefined;
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
  readonly #onRestart: EncodingOptions["onRestart"];
  readonly #scope = new Scope();
  readonly #failures = new FailureCount();
  readonly #past: RunPlace | undefined;
  readonly #course: Course;
  readonly #startedMs = wallMs();
  readonly #onDropped: EncodingOptions["onDropped"];
  readonly #keepUp: KeepUpLimits | undefined;
  #failure: string | undefined;
  #running: { readonly ffmpeg: Ffmpeg; readonly epoch: SourceEpoch; readonly start: RunStart } | undefined;
  #dropped: readonly TrackPlan[] = [];

  constructor(source: Source, outputs: Outputs, options: EncodingOptions) {
    this.#source = source;
    this.#outputs = outputs;
    this.#settings = options.settings;
    this.#report = options.report;
    this.#onRestart = options.onRestart;
    this.#past = options.past;
    this.#onDropped = options.onDropped;
    this.#keepUp = options.keepUp;
    this.#course = new Course(source, outputs, options.settings, options.dropped);
    this.ended = this.#run();
  }

  /** Why the encoder was given up, in words for everybody; undefined while it was not. */
  get failure(): string | undefined {
    return this.#failure;
  }

  /** The pictures of the ladder that are not made any more, because the encoder did not hold real time with them. */
  get dropped(): readonly TrackPlan[] {
    return this.#dropped;
  }

  /** The process that encodes now; undefined while none does. */
  get pid(): number | undefined {
    return this.#running?.ffmpeg.pid;
  }

  /**
   * How much lies between the publisher's newest frame and the track that has come least far, in seconds; undefined while
   * not everything has come out of the encoder.
   */
  get behindSeconds(): number | undefined {
    if (this.#running === undefined) return undefined;
    const { epoch, start } = this.#running;
    const end = this.#slowest(start.plan.tracks);
    return end === undefined ? undefined : Math.max(0, epoch.newestTime + start.offsetSeconds - end);
  }

  /** Stops at once, whatever is in flight. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#scope.close();
    await this.ended;
  }

  async #run(): Promise<void> {
    try {
      let epoch = await nextEpoch(this.#source, this.#past?.epoch ?? 0, this.#scope.signal);
      while (epoch !== undefined && (await this.#encodeEpoch(epoch))) {
        // Those without a frame are left out: the next one is not always one further.
        epoch = await nextEpoch(this.#source, epoch.number + 1, this.#scope.signal);
      }
    } catch (error) {
      if (!this.#scope.signal.aborted) this.#report("encoding failed", { err: error });
    }
  }

  /** Resolves false when encoding has been given up. */
  async #encodeEpoch(epoch: SourceEpoch): Promise<boolean> {
    const past = epoch.number === this.#past?.epoch ? this.#past.offsetSeconds : undefined;
    let start = this.#course.begin(epoch, past);
    while (true) {
      const before = this.#outputs.end ?? 0;
      const end = await this.#runOnce(epoch, start);
      if ((this.#outputs.end ?? 0) - before >= this.#settings.segmentSeconds) this.#failures.reset();
      this.#scope.signal.throwIfAborted();
      if (end === "finished") return true;
      if (end === "too slow") this.#drop(start.plan);
      if (typeof end === "object" && !(await this.#mayTryAgain(end.failed))) return false;
      start = isSkip(end) ? this.#course.skip(epoch, start) : this.#course.goOn(epoch, start);
    }
  }

  async #runOnce(epoch: SourceEpoch, start: RunStart): Promise<RunEnd> {
    const { offsetSeconds } = start;
    this.#dropped = start.plan.dropped;
    const falseKeys = new Pulse();
    const anchor = { seconds: (epoch.firstTime ?? 0) + offsetSeconds, wallMs: epoch.arrivedMs };
    const output = this.#outputs.openRun({
      tracks: start.plan.tracks,
      continues: start.continues,
      anchor,
      longestSegmentSeconds: this.#course.longestSegmentSeconds,
      place: { epoch: epoch.number, offsetSeconds },
      onFalseKey: () => falseKeys.fire(),
    });
    const run = new Scope();
    try {
      const { log } = this.#source;
      const until = () => epoch.end;
      const isImages = epoch.kind === "frames";
      const timeAt = isImages ? (offset: number) => epoch.timeAt(offset) : undefined;
      const feed = new Feed({ log, init: epoch.init, from: start.from, until, timeAt, signal: run.signal });
      const firstPicture = start.from?.time ?? epoch.firstKeyTime ?? epoch.firstTime ?? 0;
      const command = buildCommand({
        plan: start.plan,
        container: epoch.kind,
        encoder: this.#settings.encoder,
        imageDecoder: isImages ? epoch.tracks[0]?.codec : undefined,
        pictureCodec: epoch.tracks.find(({ kind }) => kind === "video")?.codec,
        segmentSeconds: this.#settings.segmentSeconds,
        offsetSeconds,
        urlOf: (track) => output.urlOf(track),
        firstPicture,
        resumeAt: (track) => this.#course.resumeAt(track, start),
        pictureAfter: (time) => epoch.pictureAfter(time),
        preview: this.#previewOf(output, firstPicture, offsetSeconds),
      });
      const ffmpeg = run.use(Ffmpeg.start({ binary: this.#settings.binary, input: feed.stream, ...command }));
      this.#running = { ffmpeg, epoch, start };
      // Aborting the scope is what stops the waits below.
      const follow = () => void run.close().catch(() => {});
      this.#scope.signal.addEventListener("abort", follow, { once: true });
      run.defer(() => this.#scope.signal.removeEventListener("abort", follow));
      // What the outputs' addresses contain is a secret between this process and its encoder.
      void ffmpeg.command.then((line) => this.#report("encoder started", { command: withoutSecrets(line) }));
      const published = () => this.#outputs.end;
      const watched = { source: this.#source, epoch, feed, published, offsetSeconds, signal: run.signal };
      return await Promise.race([
        // First, since the end of FFmpeg is what follows from it.
        feed.unreadable.then(unreadable),
        ffmpeg.finished.then(
          () => this.#verdict(epoch),
          (failed: unknown): RunEnd => ({ failed }),
        ),
        this.#keysTooFar(epoch, start.plan, run.signal),
        this.#falseKeys(falseKeys, run.signal),
        fallsBehind(watched, this.#startedMs).then(() => this.#skip()),
        this.#tooSlow(watched, start.plan),
        stalls(watched).then((failed): RunEnd => {
          ffmpeg.kill();
          return { failed };
        }),
      ]);
    } finally {
      this.#running = undefined;
      await run.close();
      await output.end();
    }
  }

  #previewOf(output: OutputRun, zero: number, offsetSeconds: number): PreviewRequest | undefined {
    const { previews: settings, maxKeyIntervalSeconds } = this.#settings;
    if (settings === undefined) return undefined;
    const { previewDue } = this.#outputs;
    return {
      settings,
      url: output.previewUrl(zero + offsetSeconds),
      zero,
      due: previewDue === undefined ? undefined : previewDue - offsetSeconds,
      keysSuffice: settings.everySeconds >= maxKeyIntervalSeconds,
    };
  }

  /** FFmpeg also ends well when it meets bytes that it takes for the end; the publisher alone decides that. */
  #verdict(epoch: SourceEpoch): RunEnd {
    if (this.#source.log.ended || epoch.end !== undefined) return "finished";
    return { failed: new LiveError("encoder_failed", "FFmpeg ended before the publisher did") };
  }

  #skip(): RunEnd {
    this.#source.notify("The encoder could not keep up and has skipped to the present; the archive is complete.");
    return "behind";
  }

  /** Resolves when a picture less would help; never when there is none that it can do without. */
  async #tooSlow(run: WatchedRun, plan: EncodePlan): Promise<RunEnd> {
    if (dearestPicture(plan) === undefined) return forever();
    const pictures = plan.tracks.filter(({ kind }) => kind === "video");
    await losesGround(run, () => this.#slowest(pictures), this.#keepUp);
    return "too slow";
  }

  /** Up to where all of these are published; undefined before each has begun. */
  #slowest(tracks: EncodePlan["tracks"]): number | undefined {
    const ends = tracks.map(({ name }) => this.#outputs.endOf(name));
    return ends.every((end) => end !== undefined) ? Math.min(...ends) : undefined;
  }

  #drop(plan: EncodePlan): void {
    const picture = this.#course.drop(plan);
    if (picture === undefined) return;
    const { name, size } = picture;
    const words = size === undefined ? "the publisher's size" : `${size.width}x${size.height}`;
    const reason = "the encoder does not hold real time";
    this.#source.notify(`The picture of ${words} is not made any more: ${reason}.`);
    this.#report("rendition dropped", { track: name, ...size, reason });
    this.#onDropped?.(picture, reason);
  }

  /** Resolves when a passed-through track can no longer be cut; never when nothing is passed through. */
  async #keysTooFar(epoch: SourceEpoch, plan: EncodePlan, signal: AbortSignal): Promise<RunEnd> {
    if (plan.keys !== "source") return forever();
    while (this.#course.keysAreClose(epoch)) {
      if (await isCutShort(this.#source.changed.wait(signal))) return forever();
    }
    const seconds = this.#settings.maxKeyIntervalSeconds;
    this.#source.notify(
      `More than ${seconds} s passed without a key frame, so the picture is encoded anew. A key frame every 1 to 2 s avoids that.`,
    );
    return "keys too far apart";
  }

  /** Resolves when a passed-through track turns out to have key frames that no player can begin at. */
  async #falseKeys(found: Pulse, signal: AbortSignal): Promise<RunEnd> {
    if (await isCutShort(found.wait(signal))) return forever();
    this.#course.distrustKeys();
    this.#source.notify(
      "The publisher's key frames are none that players can begin at (no IDR: an open GOP or intra refresh), so the picture is encoded anew.",
    );
    return "false keys";
  }

  /** Resolves when the next run may start; false when there shall be none. */
  async #mayTryAgain(failed: unknown): Promise<boolean> {
    const waitMs = this.#failures.add();
    const details = isLiveError(failed) ? failed.details : {};
    this.#report("encoder failed", { reason: messageOf(failed), ...details });
    if (waitMs === undefined) {
      this.#failure = `The encoder failed ${MAX_FAILURES} times and was given up: ${messageOf(failed)}`;
      this.#report("encoder given up", { reason: messageOf(failed) });
      this.#source.notify(`${this.#failure}. What is sent is still taken.`);
      return false;
    }
    this.#source.notify(`The encoder is started again: ${messageOf(failed)}`);
    this.#onRestart?.(messageOf(failed));
    await sleep(waitMs, undefined, { signal: this.#scope.signal });
    return true;
  }
}

function withoutSecrets(command: string): string {
  return command.replaceAll(/(http:\/\/127\.0\.0\.1:\d+\/)[0-9a-f]+/g, "$1…");
}

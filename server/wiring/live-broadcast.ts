import { Analysis, type AnalysisSettings } from "../analysis/analysis.ts";
import type { Broadcast, BroadcastEnd } from "../broadcast/broadcast.ts";
import type { Epoch } from "../broadcast/epoch.ts";
import { isLiveError, messageOf } from "../core/errors.ts";
import { EventFiles } from "../packaging/event-files.ts";
import { GrowingRecording } from "../packaging/growing.ts";
import type { LiveEntry, LiveStore } from "../packaging/live-store.ts";
import type { Past } from "../packaging/past.ts";
import type { PostListener } from "../packaging/post-listener.ts";
import { Presentation } from "../packaging/presentation.ts";
import { PreviewFiles } from "../packaging/preview-files.ts";
import { Previews } from "../packaging/previews.ts";
import { Receiver } from "../packaging/receiver.ts";
import { SegmentFiles } from "../packaging/segment-files.ts";
import type { AnalysisEvent } from "../protocol/analysis.ts";
import type { LiveBroadcast as LiveBroadcastState } from "../protocol/api.ts";
import type { EncoderStats } from "../protocol/stats.ts";
import type { Recorder } from "../recordings/recorder.ts";
import { Decoding } from "../transcode/decoding.ts";
import { Encoding, type EncodingSettings } from "../transcode/encoding.ts";
import { BroadcastEvents, type Tell } from "./broadcast-events.ts";
import { stateOf } from "./broadcast-state.ts";
import { EncoderMeter } from "./broadcast-stats.ts";

/** The log of one broadcast. */
export interface BroadcastLogger {
  info(details: Record<string, unknown>, message: string): void;
  warn(details: Record<string, unknown>, message: string): void;
}

/** Where a broadcast is kept. */
export interface LiveRecording {
  readonly recorder: Recorder;
  readonly folder: string;
  /** Not everything could be written: somebody must finish it from its archive when there is room. */
  readonly leave: () => void;
}

/** What all broadcasts share. */
export interface LiveBroadcastParts {
  /** Where viewers find it; undefined when it is over and only its recording is to be finished. */
  readonly store: LiveStore | undefined;
  readonly listener: PostListener;
  readonly encoding: EncodingSettings;
  /** Undefined: nobody looks for anything in it. */
  readonly analysis: AnalysisSettings | undefined;
  readonly partSeconds: number;
  readonly windowSeconds: number;
  /** Where it is kept; undefined when nothing is recorded. */
  readonly recording: LiveRecording | undefined;
  readonly logger: BroadcastLogger;
  /** Hears what happens to it. */
  readonly tell: Tell;
  /** What an earlier life of the server published of it. */
  readonly past?: Past | undefined;
}

/** One broadcast on its way through the stages: log → encoder → packaging → recording. Ends when all of them have. */
export class LiveBroadcast {
  /** Settles when everything that the broadcast leaves is complete. Never rejects. */
  readonly done: Promise<void>;
  readonly #broadcast: Broadcast;
  readonly #parts: LiveBroadcastParts;
  readonly #presentation: Presentation;
  readonly #files: SegmentFiles | undefined;
  readonly #previewFiles: PreviewFiles | undefined;
  readonly #previews: Previews | undefined;
  readonly #eventFiles: EventFiles | undefined;
  #encoding: Encoding | undefined;
  readonly #encoderMeter: EncoderMeter;
  #restarts = 0;
  #analysis: Analysis | undefined;

  constructor(broadcast: Broadcast, parts: LiveBroadcastParts) {
    this.#broadcast = broadcast;
    this.#parts = parts;
    const { recording, encoding, partSeconds, windowSeconds, past } = parts;
    this.#files = recording && new SegmentFiles(recording.folder, (problem) => this.#notify({ problem }, problem));
    const { segmentSeconds, previews } = encoding;
    this.#presentation = new Presentation({ segmentSeconds, partSeconds, windowSeconds, keeper: this.#files, past });
    this.#encoderMeter = new EncoderMeter(this.#presentation);
    const previewTimes = past?.previewTimes ?? [];
    if (previews !== undefined) {
      const onProblem = (problem: string) => this.#parts.logger.warn({ problem }, problem);
      this.#previewFiles = recording && new PreviewFiles(recording.folder, previewTimes, onProblem);
      const { everySeconds } = previews;
      this.#previews = new Previews({ everySeconds, keeper: this.#previewFiles, past: previewTimes });
    }
    const onEventProblem = (problem: string) => this.#parts.logger.warn({ problem }, problem);
    this.#eventFiles = recording && new EventFiles(recording.folder, onEventProblem, past?.events);
    this.done = this.#carry().catch((error: unknown) => {
      this.#parts.logger.warn({ err: error }, "a broadcast did not end as it should");
    });
  }

  /** What the API tells of it. */
  get state(): LiveBroadcastState {
    return stateOf(this.#broadcast, this.#presentation, { encoding: this.#encoding, analysis: this.#analysis });
  }

  /** How its encoder does. */
  get encoder(): EncoderStats {
    const failure = this.#encoding?.failure ?? null;
    return this.#encoderMeter.measure(this.#encoding, { restarts: this.#restarts, failure });
  }

  /** The server stops: an encoder that has not finished within `graceMs` is ended with what it has. */
  async stop(graceMs: number): Promise<void> {
    const timer = setTimeout(() => {
      void this.#encoding?.[Symbol.asyncDispose]();
      void this.#analysis?.[Symbol.asyncDispose]();
    }, graceMs);
    await this.done;
    clearTimeout(timer);
  }

  async #carry(): Promise<void> {
    const { store, logger } = this.#parts;
    const { id, channel } = this.#broadcast;
    const presentation = this.#presentation;
    const growing = this.#files && new GrowingRecording(presentation, this.#files);
    const entry: LiveEntry = { broadcast: id, channel, presentation, previews: this.#previews, growing };
    store?.add(entry);
    logger.info({}, "broadcast started");
    // One that an earlier life of the server began has been told of.
    if (this.#parts.past === undefined) {
      const container = this.#broadcast.epochs.at(-1)?.kind ?? "unknown";
      this.#parts.tell({ type: "broadcast.started", data: { container } });
    }
    using _events = new BroadcastEvents(this.#broadcast, this.#presentation, this.#parts.tell);
    this.#encoding = this.#encode();
    void this.#encoding.ended.then(() => this.#giveUp());
    this.#analysis = this.#analyse();
    const end = await this.#broadcast.ended;
    if (end.reason === "suspended") return this.#suspend(end.remainingMs);
    // What was sent faster than real time is encoded to its end all the same.
    await this.#encoding.ended;
    await this.#finish(entry, end);
  }

  /** Nothing more can be watched: viewers' players are told so, and the log goes on. */
  #giveUp(): void {
    const failure = this.#encoding?.failure;
    if (failure === undefined) return;
    this.#parts.logger.warn({ failure }, "the broadcast cannot be watched any more; what is sent is still taken");
    this.#parts.tell({ type: "encoder.given-up", data: { reason: failure } });
    this.#presentation.finish();
  }

  #encode(): Encoding {
    const { listener, encoding: settings, logger } = this.#parts;
    const problem = (text: string, details: Record<string, unknown>) => logger.warn(details, text);
    const receiver = new Receiver(this.#presentation, listener, problem, this.#previews);
    const report = (event: string, details: Record<string, unknown>) => logger.info(details, event);
    const { tell } = this.#parts;
    const { place: past, retired: dropped } = this.#parts.past ?? {};
    return new Encoding(this.#broadcast, receiver, {
      settings,
      report,
      onRestart: (reason) => {
        this.#restarts += 1;
        tell({ type: "encoder.restarted", data: { reason } });
      },
      onDropped: ({ name: track }, reason) => tell({ type: "rendition.dropped", data: { track, reason } }),
      past,
      dropped,
    });
  }

  /** Looks and listens beside the encoder, which does not know of it. */
  #analyse(): Analysis | undefined {
    const { analysis, encoding, logger, past } = this.#parts;
    if (analysis === undefined) return undefined;
    const { binary } = encoding;
    // Now: until the analysers are there, much more may have come.
    const last = past && this.#broadcast.epochs.at(-1);
    const resume = last && { epoch: last.number, from: last.newestResync };
    return new Analysis(analysis, {
      decode: (kind, sink) => {
        const wish = kind === "sound" ? { kind } : { kind, width: analysis.width, fps: analysis.fps };
        return new Decoding(this.#broadcast, { binary, wish, sink, resume });
      },
      placeOf: (epoch, signal) => this.#presentation.places.of(epoch, signal),
      tell: (event) => this.#note(event),
      report: (event, details) => logger.info(details, event),
      failed: (analyser, reason) => this.#parts.tell({ type: "analysis.failed", data: { analyser, reason } }),
      toldBefore: Math.max(0, ...(past?.events.map(({ id }) => id) ?? [])),
    });
  }

  #note(event: AnalysisEvent): void {
    this.#presentation.note(event);
    this.#eventFiles?.add(event);
    const { id, type: analyser, shape, startMs, durationMs, data: values } = event;
    this.#parts.tell({ type: "analysis", data: { event: id, analyser, shape, startMs, durationMs, values } });
  }

  /** What was seen last belongs to the recording; but nobody waits long for it. */
  async #endAnalysis(): Promise<void> {
    const analysis = this.#analysis;
    if (analysis === undefined) return;
    const timer = setTimeout(() => void analysis[Symbol.asyncDispose](), ANALYSIS_GRACE_MS);
    await analysis.ended;
    clearTimeout(timer);
    await analysis[Symbol.asyncDispose]();
  }

  /**
   * The next life of the server goes on with it. What is not published yet stays so: its encoder begins where the last
   * whole segment ends, at a key frame.
   */
  async #suspend(remainingMs: number): Promise<void> {
    const { recording, logger } = this.#parts;
    await this.#encoding?.[Symbol.asyncDispose]();
    await this.#analysis?.[Symbol.asyncDispose]();
    await this.#broadcast.log[Symbol.asyncDispose]();
    await Promise.all([this.#files?.settle(), this.#previewFiles?.settle(), this.#eventFiles?.settle()]);
    const bytes = this.#broadcast.log.written;
    await recording?.recorder.suspend(this.#broadcast.id, { bytes, remainingMs });
    logger.info({ bytes, remainingMs }, "broadcast suspended");
    this.#parts.tell({ type: "broadcast.ended", data: { reason: "suspended", bytes } });
  }

  async #finish(entry: LiveEntry, end: BroadcastEnd): Promise<void> {
    const { store, recording, logger } = this.#parts;
    this.#presentation.finish();
    store?.expire(entry);
    this.#presentation.places.end();
    await this.#endAnalysis();
    await this.#broadcast.log[Symbol.asyncDispose]();
    const bytes = this.#broadcast.log.written;
    this.#parts.tell({ type: "broadcast.ended", data: { reason: end.reason, bytes } });
    if (recording !== undefined) await this.#record(recording, end);
    logger.info({ ...end, bytes }, "broadcast ended");
  }

  /** What cannot be written is left as after a crash: whoever finishes it makes from the archive what is missing. */
  async #record({ recorder, leave }: LiveRecording, end: BroadcastEnd): Promise<void> {
    const { id, log, epochs } = this.#broadcast;
    const state = isCutShort(end) ? "interrupted" : "finished";
    try {
      await this.#files?.finish(this.#presentation, await this.#previewFiles?.described());
      await this.#previewFiles?.finish(this.#presentation);
      await this.#eventFiles?.finish(this.#presentation);
      const data = { bytes: log.written, durationMs: durationMs(epochs) };
      await recorder.finish(id, { ...data, state });
      await this.#files?.forgetJournal();
      this.#parts.tell({ type: "recording.ready", data });
    } catch (error) {
      this.#parts.logger.warn({ reason: messageOf(error) }, "a recording is left to be finished later");
      recorder.leave(id);
      leave();
    }
  }

  #notify(details: Record<string, unknown>, text: string): void {
    this.#broadcast.notify(text);
    this.#parts.logger.warn(details, text);
  }
}

/** What has been sent faster than real time may take longer to look at than to encode; in ms. */
const ANALYSIS_GRACE_MS = 20_000;

/** The publisher had more to send. */
function isCutShort(end: BroadcastEnd): boolean {
  return end.reason === "interrupted" || (end.reason === "failed" && isLiveError(end.error, "no_room"));
}

function durationMs(epochs: readonly Epoch[]): number {
  const seconds = epochs.map((epoch) => epoch.newestTime - (epoch.firstTime ?? epoch.newestTime));
  return Math.round(seconds.reduce((sum, each) => sum + each, 0) * 1000);
}

import { PassThrough } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { wallMs } from "../core/clock.ts";
import { LiveError, messageOf } from "../core/errors.ts";
import { Scope } from "../core/scope.ts";
import { type RawBlock, RawMatroska } from "../media/raw-matroska.ts";
import { DECODE_LEAD_SECONDS, type DecodeWish, decodeCommand, MAIN_TRACK } from "./decode-command.ts";
import { nextEpoch } from "./epochs.ts";
import { FailureCount } from "./failure-count.ts";
import { Feed } from "./feed.ts";
import { Ffmpeg } from "./ffmpeg.ts";
import type { Source, SourceEpoch, SourcePoint } from "./source.ts";
import { fallsBehind, stalls } from "./watch.ts";

/** A picture or a stretch of sound, uncompressed. */
export interface DecodedBlock extends RawBlock {
  /** Which of the publisher's containers it is from. */
  readonly epoch: number;
  /** Seconds on the publisher's clock. */
  readonly seconds: number;
}

/** Who takes what is decoded. */
interface DecodingSink {
  /** More is decoded when the promise resolves. */
  take(block: DecodedBlock): Promise<void> | void;
  /** The publisher's next container can be decoded when this resolves. */
  ready(epoch: number, signal: AbortSignal): Promise<unknown>;
  report(event: string, details: Record<string, unknown>): void;
}

/** How a decoding begins. */
export interface DecodingOptions {
  readonly binary: string;
  readonly wish: DecodeWish;
  readonly sink: DecodingSink;
  /** An earlier life of the server has had what lies before this; undefined: decoding begins at the beginning. */
  readonly resume?: { readonly epoch: number; readonly from: SourcePoint | undefined } | undefined;
}

/** Times this close are the same: half of the smallest step of Matroska's clock. In seconds. */
const EPSILON = 0.0005;

type RunEnd = "finished" | "behind" | { readonly failed: unknown };

/**
 * Follows one broadcast's log into an FFmpeg of its own that decodes a small copy of it. Nobody waits for it: when it
 * cannot keep up it skips to the newest resync point, and when it dies it is started anew a few times.
 */
export class Decoding implements AsyncDisposable {
  /** Settles when the last run is over and everything has been taken. Never rejects. */
  readonly ended: Promise<void>;
  readonly #source: Source;
  readonly #options: DecodingOptions;
  readonly #scope = new Scope();
  readonly #failures = new FailureCount();
  readonly #startedMs = wallMs();
  #lastSeconds: number | undefined;

  constructor(source: Source, options: DecodingOptions) {
    this.#source = source;
    this.#options = options;
    this.ended = this.#run();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#scope.close();
    await this.ended;
  }

  async #run(): Promise<void> {
    const { signal } = this.#scope;
    const { sink, resume } = this.#options;
    try {
      let epoch = await nextEpoch(this.#source, resume?.epoch ?? 0, signal);
      while (epoch !== undefined) {
        if (this.#isIn(epoch)) {
          await sink.ready(epoch.number, signal);
          const from = epoch.number === resume?.epoch ? resume.from : undefined;
          if (!(await this.#decodeEpoch(epoch, from))) return;
        }
        epoch = await nextEpoch(this.#source, epoch.number + 1, signal);
      }
    } catch (error) {
      if (!signal.aborted) sink.report("decoding for analysis failed", { err: error });
    }
  }

  #isIn({ tracks }: SourceEpoch): boolean {
    const kind = this.#options.wish.kind === "picture" ? "video" : "audio";
    return tracks.some((track) => track.kind === kind);
  }

  /** Resolves false when it has been given up. */
  async #decodeEpoch(epoch: SourceEpoch, first: SourcePoint | undefined): Promise<boolean> {
    this.#lastSeconds = undefined;
    for (let from = first ?? epoch.begins; ; ) {
      const before: number | undefined = this.#lastSeconds;
      const end = await this.#runOnce(epoch, from);
      this.#scope.signal.throwIfAborted();
      if (end === "finished") return true;
      if (this.#lastSeconds !== before) this.#failures.reset();
      if (end === "behind") this.#options.sink.report("analysis could not keep up and has skipped to the present", {});
      else if (!(await this.#mayTryAgain(end.failed))) return false;
      from = end === "behind" ? epoch.newestResync : epoch.resyncBefore(this.#lastSeconds ?? Number.NEGATIVE_INFINITY);
      // Without recording, what is long ago is deleted.
      if ((from?.offset ?? epoch.init.end) < this.#source.log.start) from = epoch.newestResync;
    }
  }

  async #runOnce(epoch: SourceEpoch, from: SourcePoint | undefined): Promise<RunEnd> {
    const run = new Scope();
    // It outlives FFmpeg: what is in it is taken to its end.
    const output = new PassThrough({ autoDestroy: false, emitClose: false });
    try {
      const follow = () => void run.close().catch(() => {});
      this.#scope.signal.addEventListener("abort", follow, { once: true });
      run.defer(() => this.#scope.signal.removeEventListener("abort", follow));
      const feed = this.#feed(epoch, from, run.signal);
      const ffmpeg = run.use(this.#start(epoch, feed, output));
      const published = () => this.#lastSeconds;
      const watched = { source: this.#source, epoch, feed, published, offsetSeconds: 0, signal: run.signal };
      const taken = this.#take(output, epoch.number, run.signal);
      return await Promise.race([
        feed.unreadable.then((failed): RunEnd => ({ failed })),
        Promise.all([ffmpeg.finished, taken]).then(
          () => this.#verdict(epoch),
          (failed: unknown): RunEnd => ({ failed }),
        ),
        fallsBehind(watched, this.#startedMs).then((): RunEnd => "behind"),
        stalls(watched).then((failed): RunEnd => {
          ffmpeg.kill();
          return { failed };
        }),
      ]);
    } finally {
      // One that waits for a reader would not hear that it is to go.
      output.resume();
      await run.close();
      output.destroy();
    }
  }

  #feed(epoch: SourceEpoch, from: SourcePoint | undefined, signal: AbortSignal): Feed {
    const timeAt = epoch.kind === "frames" ? (offset: number) => epoch.timeAt(offset) : undefined;
    return new Feed({ log: this.#source.log, init: epoch.init, from, until: () => epoch.end, timeAt, signal });
  }

  #start(epoch: SourceEpoch, feed: Feed, output: PassThrough): Ffmpeg {
    const imageDecoder = epoch.kind === "frames" ? epoch.tracks[0]?.codec : undefined;
    const { wish, binary, sink } = this.#options;
    const pictureCodec = epoch.tracks.find(({ kind }) => kind === "video")?.codec;
    const { inputOptions, outputOptions } = decodeCommand({ wish, container: epoch.kind, imageDecoder, pictureCodec });
    const ffmpeg = Ffmpeg.start({
      binary,
      input: feed.stream,
      inputOptions,
      outputs: [{ url: output, options: outputOptions }],
    });
    void ffmpeg.command.then((command) => sink.report("decoder started", { command }));
    // The library leaves the stream open.
    const close = () => void output.end();
    ffmpeg.finished.then(close, close);
    return ffmpeg;
  }

  /** Hands over all that comes, one block after the other; rejects when it is none of ours. */
  async #take(output: PassThrough, epoch: number, signal: AbortSignal): Promise<void> {
    const reader = new RawMatroska();
    const before = this.#lastSeconds ?? Number.NEGATIVE_INFINITY;
    for await (const bytes of output) {
      if (!(bytes instanceof Uint8Array)) continue;
      // An FFmpeg that waits for a reader would not hear that it is to go: what it still says is read away.
      for (const block of signal.aborted ? [] : reader.push(bytes)) {
        const seconds = block.timeMs / 1000 - DECODE_LEAD_SECONDS;
        // What only pushes, and what an earlier run has handed over already.
        if (block.track !== MAIN_TRACK || seconds <= before + EPSILON) continue;
        this.#lastSeconds = seconds;
        await this.#hand({ ...block, epoch, seconds }, signal);
      }
    }
  }

  /** Nobody takes anything from one that is being ended. */
  async #hand(block: DecodedBlock, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    try {
      await this.#options.sink.take(block);
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }

  #verdict(epoch: SourceEpoch): RunEnd {
    if (this.#source.log.ended || epoch.end !== undefined) return "finished";
    return { failed: new LiveError("encoder_failed", "FFmpeg ended before the publisher did") };
  }

  async #mayTryAgain(failed: unknown): Promise<boolean> {
    const waitMs = this.#failures.add();
    const { sink } = this.#options;
    sink.report("decoder failed", { reason: messageOf(failed) });
    if (waitMs === undefined) {
      sink.report("decoder given up", { reason: messageOf(failed) });
      return false;
    }
    await sleep(waitMs, undefined, { signal: this.#scope.signal });
    return true;
  }
}

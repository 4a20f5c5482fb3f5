import { wallMs } from "../core/clock.ts";
import { messageOf } from "../core/errors.ts";
import { Scope } from "../core/scope.ts";
import type { AnalyserName, AnalysisEvent, AnalysisState } from "../protocol/analysis.ts";
import { AnalyserHost, HOST_LIMITS, type HostLimits } from "./analyser-host.ts";
import { EventBook } from "./event-book.ts";
import type { FrameParcel } from "./frame.ts";

/** What analysis runs, for every broadcast alike. */
export interface AnalysisSettings {
  readonly analysers: readonly AnalyserName[];
  /** Absolute path of an operator's module; undefined: there is none. */
  readonly module: string | undefined;
  /** Of the pictures that analysers get, in pixels. */
  readonly width: number;
  /** Pictures per second; undefined: every one, and analysers are waited for however late it is. */
  readonly fps: number | undefined;
}

/** A decoded picture or stretch of sound, as analysis needs it. */
export interface DecodedFrame {
  readonly epoch: number;
  /** Seconds on the publisher's clock. */
  readonly seconds: number;
  readonly format:
    | { readonly kind: "picture"; readonly width: number; readonly height: number }
    | { readonly kind: "sound"; readonly sampleRate: number; readonly channels: number };
  /** Nobody else's. */
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** What one of the publisher's containers is on the broadcast's timeline. */
export interface EpochPlace {
  /** Added to the publisher's times. In seconds. */
  readonly offsetSeconds: number;
  /** A moment of the timeline and when it reached the server (Unix time in ms). */
  readonly anchor: { readonly seconds: number; readonly wallMs: number };
}

/** What analysis needs of the rest: app.ts connects it. */
export interface AnalysisSurroundings {
  /** Decodes a small copy of the broadcast until it ends or this is disposed. */
  readonly decode: (
    kind: FrameParcel["kind"],
    sink: DecodedSink,
  ) => AsyncDisposable & { readonly ended: Promise<void> };
  /** Where a container lies; resolves when the encoder has begun it. */
  readonly placeOf: (epoch: number, signal: AbortSignal) => Promise<EpochPlace>;
  /** Takes each event, and ranges once more when they are over. */
  readonly tell: (event: AnalysisEvent) => void;
  readonly report: (event: string, details: Record<string, unknown>) => void;
  /** Analysers were stopped, and why. */
  readonly failed: (analysers: string, reason: string) => void;
  /** Events that an earlier life of the server has told, which are counted on. */
  readonly toldBefore: number;
}

/** Who takes what is decoded; more comes when the promise resolves. */
export interface DecodedSink {
  take(frame: DecodedFrame): Promise<void>;
  ready(epoch: number, signal: AbortSignal): Promise<unknown>;
  report(event: string, details: Record<string, unknown>): void;
}

/**
 * Frames that are less late than this are not dropped: what was published faster than real time is looked at whole. The
 * decoder waits for its analysers then, and nobody for the decoder.
 */
const MAX_LATE_MS = 10_000;

/** The built-in analysers' name; a module's is its own. */
const BUILT_IN = "built-in";
const MODULE = "module";

/** Analysis of one broadcast: decoders of its own, analysers in threads of their own, and the events that come of it. */
export class Analysis implements AsyncDisposable {
  /** Settles when everything has been looked at. Never rejects. */
  readonly ended: Promise<void>;
  readonly #settings: AnalysisSettings;
  readonly #around: AnalysisSurroundings;
  readonly #scope = new Scope();
  readonly #hosts: readonly AnalyserHost[];
  readonly #book: EventBook;
  readonly #places = new Map<number, EpochPlace>();
  #newest = 0;

  constructor(settings: AnalysisSettings, around: AnalysisSurroundings, limits: HostLimits = HOST_LIMITS) {
    this.#settings = settings;
    this.#around = around;
    this.#book = new EventBook(around.toldBefore + 1, around.tell);
    const { analysers, module } = settings;
    this.#hosts = [
      ...(analysers.length === 0 ? [] : [this.#host(BUILT_IN, { analysers: [...analysers] }, limits)]),
      ...(module === undefined ? [] : [this.#host(MODULE, { module }, limits)]),
    ];
    this.ended = this.#run().catch((error: unknown) => {
      if (!this.#scope.signal.aborted) around.report("analysis failed", { reason: messageOf(error) });
    });
  }

  get state(): AnalysisState {
    const counts = this.#hosts.map((host) => host.counts);
    return {
      frames: counts.length === 0 ? 0 : Math.min(...counts.map(({ frames }) => frames)),
      dropped: counts.reduce((sum, { dropped }) => sum + dropped, 0),
      events: this.#book.written,
      analysers: this.#hosts.map((host) => host.state),
    };
  }

  /** Stops at once; what had begun is ended. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#scope.close();
    await this.ended;
  }

  #host(name: string, job: ConstructorParameters<typeof AnalyserHost>[1], limits: HostLimits): AnalyserHost {
    const { report, failed } = this.#around;
    return this.#scope.use(
      new AnalyserHost(
        name,
        job,
        {
          found: (findings, time) => this.#book.write(name, findings, time),
          broke: (time, reason) => {
            this.#book.close(time, name);
            failed(name, reason);
          },
          report,
        },
        limits,
      ),
    );
  }

  async #run(): Promise<void> {
    try {
      const wants = new Set((await Promise.all(this.#hosts.map((host) => host.wants))).flat());
      const decodings = [...wants].map((kind) => this.#scope.use(this.#around.decode(kind, this.#sink)));
      await Promise.all(decodings.map(({ ended }) => ended));
      this.#scope.signal.throwIfAborted();
      await Promise.all(this.#hosts.map((host) => host.finish()));
    } finally {
      this.#book.close(this.#newest);
      const { frames, dropped, events } = this.state;
      this.#around.report("analysis ended", { frames, dropped, events, eventsLeftOut: this.#book.leftOut });
      void this.#scope.close();
    }
  }

  get #sink(): DecodedSink {
    return {
      take: (frame) => this.#take(frame),
      ready: (epoch, signal) => this.#begin(epoch, signal),
      report: this.#around.report,
    };
  }

  async #begin(epoch: number, signal: AbortSignal): Promise<void> {
    this.#places.set(epoch, await this.#around.placeOf(epoch, signal));
  }

  async #take({ epoch, seconds, format, bytes }: DecodedFrame): Promise<void> {
    const place = this.#places.get(epoch);
    if (place === undefined) return;
    const { anchor } = place;
    this.#book.clock = (time) => anchor.wallMs + (time - anchor.seconds) * 1000;
    const time = seconds + place.offsetSeconds;
    this.#newest = Math.max(this.#newest, time);
    const shape =
      format.kind === "picture"
        ? ([format.width, format.height] as const)
        : ([format.sampleRate, format.channels] as const);
    const parcel: FrameParcel = { kind: format.kind, time, shape, bytes };
    const takers = this.#hosts.filter((host) => host.isFor(parcel));
    const lateMs = wallMs() - anchor.wallMs - (time - anchor.seconds) * 1000;
    if (this.#settings.fps === undefined || lateMs < MAX_LATE_MS) {
      await Promise.all(takers.map((host) => host.room(parcel, this.#scope.signal)));
    }
    // Bytes go over to a thread for good, so each but the last gets a copy.
    for (const [index, host] of takers.entries()) {
      host.offer(index === takers.length - 1 ? parcel : { ...parcel, bytes: bytes.slice() });
    }
  }
}

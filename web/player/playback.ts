import { DELIVERY_NAMES, nextStep } from "./choice.ts";
import { Climb } from "./climb.ts";
import type { Engine, EngineFailure, EngineKind, EngineReport, Media } from "./engine.ts";
import type { EngineOpeners } from "./engines.ts";

/** What a playback is made of. */
export interface PlaybackParts {
  readonly video: HTMLVideoElement;
  readonly media: Media;
  /** The engines to try, in order. */
  readonly engines: readonly EngineKind[];
  readonly openers: EngineOpeners;
  /** Tries whether the first engine's way is open again, without disturbing the picture. */
  readonly probe?: (() => Promise<boolean>) | undefined;
  /** When it is tried first, in ms. */
  readonly climbMs?: number;
  readonly report: PlaybackReport;
}

/** What a playback tells. */
export interface PlaybackReport {
  /** An engine is being used from now on. */
  onEngine(kind: EngineKind): void;
  onTrouble(text: string | undefined): void;
  onRenditions(): void;
  /** No engine can play this; nothing more will come. */
  onGiveUp(text: string): void;
}

/**
 * Plays one thing: opens an engine, opens it again when the network comes back, or another one in its place, and climbs
 * back to the first one when that can be reached again.
 */
export class Playback {
  readonly #parts: PlaybackParts;
  #engine: Engine | undefined;
  #failures = 0;
  #index = 0;
  /** Each opening has its number: what an engine that was closed still reports is not listened to. */
  #round = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Failed, and to be closed before anything else is opened. */
  #failed: Engine | undefined;
  readonly #climb: Climb | undefined;

  constructor(parts: PlaybackParts) {
    this.#parts = parts;
    const { probe, climbMs } = parts;
    this.#climb = probe && new Climb({ probe, firstMs: climbMs, onOpen: () => this.#climbBack() });
    void this.#open(0, undefined);
  }

  /** The engine at work, if one is open. */
  get engine(): Engine | undefined {
    return this.#engine;
  }

  /** The picture moves: earlier failures count no more. */
  confirm(): void {
    if (this.#failures === 0) return;
    this.#failures = 0;
    this.#parts.report.onTrouble(undefined);
  }

  /** No picture has moved for too long, and the engine does not say why. */
  stuck(): void {
    const failure = { kind: "silence", text: "The picture does not come" } as const;
    if (this.#engine !== undefined) this.#onFailure(this.#round, this.#index, failure);
  }

  windDown(): void {
    this.#engine?.windDown();
  }

  close(): void {
    this.#round += 1;
    clearTimeout(this.#timer);
    this.#climb?.stop();
    this.#bury();
    this.#engine?.close();
    this.#engine = undefined;
  }

  async #open(index: number, startAt: number | undefined): Promise<void> {
    const { video, media, engines, openers, report } = this.#parts;
    const kind = engines[index];
    if (kind === undefined) return;
    this.#round += 1;
    const round = this.#round;
    this.#index = index;
    if (index === 0) this.#climb?.stop();
    report.onEngine(kind);
    try {
      const engine = await openers[kind]?.({
        video,
        media,
        startAt: startAt ?? media.startAt,
        report: this.#reportOf(round, index),
      });
      if (engine === undefined) throw new Error("it is not there");
      if (round !== this.#round) return engine.close();
      this.#engine = engine;
    } catch (error) {
      // The engine's own code could not be loaded: the server may be gone.
      const words = error instanceof Error ? error.message : String(error);
      this.#onFailure(round, index, { kind: "network", text: `${DELIVERY_NAMES[kind]} could not start: ${words}` });
    }
  }

  #reportOf(round: number, index: number): EngineReport {
    const { report } = this.#parts;
    const current = () => round === this.#round;
    return {
      onTrouble: (text) => current() && report.onTrouble(text),
      onRenditions: () => current() && report.onRenditions(),
      onFailure: (failure) => this.#onFailure(round, index, failure),
    };
  }

  #onFailure(round: number, index: number, failure: EngineFailure): void {
    if (round !== this.#round) return;
    const { video, media, engines, report } = this.#parts;
    const startAt = media.live || video.currentTime === 0 ? undefined : video.currentTime;
    this.#failed = this.#engine;
    this.#engine = undefined;
    this.#round += 1;
    this.#failures += 1;
    const step = nextStep(failure, index, this.#failures, engines.length);
    // What the first engine could not play, it will not play later either.
    if (index === 0 && failure.kind !== "media") this.#climb?.start();
    if (step.do === "give-up") report.onGiveUp(failure.text);
    else report.onTrouble(`${failure.text}. Trying again…`);
    // Engines report from inside their own loops: they are closed when those are done.
    queueMicrotask(() => this.#bury());
    if (step.do === "give-up") return;
    this.#timer = setTimeout(() => void this.#open(step.index, startAt), step.delayMs);
  }

  /** The first engine can be reached again. */
  #climbBack(): void {
    clearTimeout(this.#timer);
    this.#bury();
    this.#engine?.close();
    this.#engine = undefined;
    this.#failures = 0;
    void this.#open(0, undefined);
  }

  #bury(): void {
    this.#failed?.close();
    this.#failed = undefined;
  }
}

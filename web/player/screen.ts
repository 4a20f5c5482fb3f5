import { type Asked, browserSupport, type Plan, planEngines } from "./choice.ts";
import type { Engine, EngineKind, Media } from "./engine.ts";
import { ENGINE_OPENERS } from "./engines.ts";
import { Playback } from "./playback.ts";
import { type Progress, ProgressJudge } from "./progress.ts";

const GLANCE_MS = 250;
/** A picture that stands still this long is opened anew. */
const STUCK_MS = 15_000;

/** What the screen tells the session that uses it. */
export interface ScreenReport {
  onEngine(kind: EngineKind): void;
  onTrouble(text: string | undefined): void;
  onRenditions(): void;
  onGiveUp(text: string): void;
  /** A few times a second, whether anything plays or not. */
  onGlance(progress: Progress, stillMs: number): void;
}

/** The video element with whatever plays on it now. */
export class Screen {
  readonly plan: Plan;
  readonly #video: HTMLVideoElement;
  readonly #report: ScreenReport;
  readonly #judge = new ProgressJudge();
  #playback: Playback | undefined;

  constructor(video: HTMLVideoElement, asked: Asked, report: ScreenReport) {
    this.#video = video;
    this.#report = report;
    this.plan = planEngines(asked, browserSupport(video));
    setInterval(() => this.#glance(), GLANCE_MS);
  }

  get engine(): Engine | undefined {
    return this.#playback?.engine;
  }

  /** Plays this in place of what was there. */
  show(media: Media): void {
    this.clear();
    if ("problem" in this.plan) {
      this.#report.onGiveUp(this.plan.problem);
      return;
    }
    const { engines } = this.plan;
    this.#playback = new Playback({
      video: this.#video,
      media,
      engines,
      openers: ENGINE_OPENERS,
      report: this.#report,
    });
  }

  /** Loads nothing new; what is buffered plays out. */
  windDown(): void {
    this.#playback?.windDown();
  }

  clear(): void {
    this.#playback?.close();
    this.#playback = undefined;
    this.#judge.reset();
    this.#report.onTrouble(undefined);
  }

  #glance(): void {
    const progress = this.#judge.look(this.#video, performance.now());
    if (progress === "playing") this.#playback?.confirm();
    if (this.#judge.stillMs > STUCK_MS && (progress === "waiting" || progress === "stalled")) {
      this.#judge.reset();
      this.#playback?.stuck();
    }
    this.#report.onGlance(progress, this.#judge.stillMs);
  }
}

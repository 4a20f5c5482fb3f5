import { type Asked, browserSupport, type Plan, planEngines } from "./choice.ts";
import type { Engine, EngineKind, Media } from "./engine.ts";
import type { EngineOpeners } from "./engines.ts";
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

/** What a screen is made with. */
export interface ScreenParts {
  readonly video: HTMLVideoElement;
  readonly asked: Asked;
  readonly isLive: boolean;
  readonly openers: EngineOpeners;
  /** Tries whether the first engine can be reached again; undefined when there is nothing to try. */
  readonly probe?: () => Promise<boolean>;
  readonly report: ScreenReport;
}

/** The video element with whatever plays on it now. */
export class Screen {
  readonly plan: Plan;
  readonly #parts: ScreenParts;
  readonly #judge = new ProgressJudge();
  #playback: Playback | undefined;

  constructor(parts: ScreenParts) {
    this.#parts = parts;
    this.plan = planEngines(parts.asked, browserSupport(parts.video), parts.isLive);
    setInterval(() => this.#glance(), GLANCE_MS);
  }

  get engine(): Engine | undefined {
    return this.#playback?.engine;
  }

  /** Plays this in place of what was there. */
  show(media: Media): void {
    this.clear();
    const { video, openers, probe, report } = this.#parts;
    if ("problem" in this.plan) return report.onGiveUp(this.plan.problem);
    const { engines } = this.plan;
    this.#playback = new Playback({ video, media, engines, openers, probe, report });
  }

  /** Loads nothing new; what is buffered plays out. */
  windDown(): void {
    this.#playback?.windDown();
  }

  clear(): void {
    this.#playback?.close();
    this.#playback = undefined;
    this.#judge.reset();
    this.#parts.report.onTrouble(undefined);
  }

  /** The engine knows why a picture stands still. */
  #progressOf(seen: Progress): Progress {
    if (this.engine?.isOver === true) return "ended";
    return seen === "stalled" && this.engine?.isHolding === true ? "playing" : seen;
  }

  #glance(): void {
    const seen = this.#judge.look(this.#parts.video, performance.now());
    const progress = this.#progressOf(seen);
    if (progress === "playing") this.#playback?.confirm();
    if (this.#judge.stillMs > STUCK_MS && (progress === "waiting" || progress === "stalled")) {
      this.#judge.reset();
      this.#playback?.stuck();
    }
    this.#parts.report.onGlance(progress, this.#judge.stillMs);
  }
}

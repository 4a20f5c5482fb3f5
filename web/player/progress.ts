/** What a video element shows of itself at one moment; the element fits. */
export interface Glance {
  readonly currentTime: number;
  readonly paused: boolean;
  readonly ended: boolean;
  readonly seeking: boolean;
}

/** Whether a picture moves. `waiting` before the first movement, `stalled` after it. */
export type Progress = "waiting" | "playing" | "paused" | "stalled" | "ended";

/** A picture that stands still this long has stalled; shorter stops are common at the live edge. */
const STALL_MS = 1_200;

/** Judges from glances at a video, taken a few times a second, whether it really plays. */
export class ProgressJudge {
  #position: number | undefined;
  #movedAtMs: number | undefined;
  #stillSinceMs = 0;

  /** How long the picture has stood still, in ms. */
  #stillMs = 0;

  get stillMs(): number {
    return this.#stillMs;
  }

  /** Takes one glance. */
  look(video: Glance, nowMs: number): Progress {
    const moved = this.#position !== undefined && video.currentTime !== this.#position && !video.seeking;
    if (this.#position === undefined || moved || video.paused) this.#stillSinceMs = nowMs;
    if (moved && !video.paused) this.#movedAtMs = nowMs;
    this.#position = video.currentTime;
    this.#stillMs = nowMs - this.#stillSinceMs;
    if (video.ended) return "ended";
    if (video.paused) return this.#movedAtMs === undefined ? "waiting" : "paused";
    if (this.#movedAtMs === undefined) return "waiting";
    return this.#stillMs < STALL_MS ? "playing" : "stalled";
  }

  /** A new picture begins: forget the old one. */
  reset(): void {
    this.#position = undefined;
    this.#movedAtMs = undefined;
    this.#stillMs = 0;
  }
}

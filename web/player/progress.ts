/** What a video element shows of itself at one moment; the element fits. */
export interface Glance {
  readonly currentTime: number;
  readonly paused: boolean;
  readonly ended: boolean;
  readonly seeking: boolean;
  readonly readyState: number;
}

/** Whether a picture moves. `waiting` before the first movement, `stalled` after it. */
export type Progress = "waiting" | "playing" | "paused" | "stalled" | "ended";

/** A picture that stands still this long has stalled; shorter stops are common at the live edge. */
const STALL_MS = 1_200;

/** The element has the picture of this moment (`HTMLMediaElement.HAVE_CURRENT_DATA`). */
const HAVE_PICTURE = 2;

/** Judges from glances at a video, taken a few times a second, whether it really plays. */
export class ProgressJudge {
  #position: number | undefined;
  #movedAtMs: number | undefined;
  #stillSinceMs = 0;
  #stillMs = 0;

  /** How long the picture has stood still though it should move, in ms. */
  get stillMs(): number {
    return this.#stillMs;
  }

  /** Takes one glance. */
  look(video: Glance, nowMs: number): Progress {
    const moved = this.#position !== undefined && video.currentTime !== this.#position && !video.seeking;
    // Paused without a picture is no pause: nothing has come, or the engine was taken away.
    const resting = video.paused && video.readyState >= HAVE_PICTURE;
    if (this.#position === undefined || moved || resting) this.#stillSinceMs = nowMs;
    if (moved && !video.paused) this.#movedAtMs = nowMs;
    this.#position = video.currentTime;
    this.#stillMs = nowMs - this.#stillSinceMs;
    if (video.ended) return "ended";
    if (this.#movedAtMs === undefined) return "waiting";
    if (video.paused) return resting ? "paused" : "stalled";
    return this.#stillMs < STALL_MS ? "playing" : "stalled";
  }

  /** A new picture begins: forget the old one. */
  reset(): void {
    this.#position = undefined;
    this.#movedAtMs = undefined;
    this.#stillMs = 0;
  }
}

/** Further off than this is not caught up by playing faster but by a jump. */
export const FAR_MS = 1_000;
/** Playback leaves normal speed when it is this far from its target, and goes back to it when it is this near. */
const LEAVE_MS = 14;
const ARRIVE_MS = 4;
/** The fastest is 1 + this, the slowest 1 - this. */
const MAX_CHANGE = 0.1;
/** Speed is in proportion to the distance: so much of it would be gone in this time, so there is no swinging. */
const GLIDE_MS = 1_000;
/** Speeds are multiples of this: each change is work for the sound. */
const STEP = 0.005;
/** The position's own jitter is smoothed over this time. */
const SMOOTH_MS = 250;
/** After a jump the decoder needs this long before its position means anything. */
const SETTLE_MS = 400;
/** With less than this ahead, faster would only run dry. */
const LEAST_AHEAD_MS = 40;

/** What the controller sees of the picture. All in ms. */
export interface EdgeGlance {
  readonly nowMs: number;
  /** How long ago the moment on screen reached the server. */
  readonly delayMs: number;
  readonly targetMs: number;
  /** How much can be played on from here without a break. */
  readonly aheadMs: number;
  /** Whether what the target shows now is there. */
  readonly canJump: boolean;
}

/** What to do: play at this speed, or go to the target at once. A speed of 0 waits for the target to come. */
export type Steering = { readonly do: "play"; readonly rate: number } | { readonly do: "jump" };

/**
 * Keeps a live picture at its target delay, by speeds from 0.9 to 1.1 while it is near, by a jump when it is far off.
 * Pure: time comes with each glance.
 */
export class LiveEdge {
  #errorMs: number | undefined;
  #atMs = 0;
  #isSteering = false;
  #isHolding = false;
  #settledMs = Number.NEGATIVE_INFINITY;

  /** Looks once and says what to do; call it about ten times a second. */
  steer(glance: EdgeGlance): Steering {
    const { nowMs, delayMs, targetMs, canJump } = glance;
    const errorMs = delayMs - targetMs;
    if (nowMs < this.#settledMs) return play(1);
    this.#isHolding = errorMs < (this.#isHolding ? -LEAVE_MS : -FAR_MS);
    if (Math.abs(errorMs) > FAR_MS && canJump) {
      this.reset(nowMs);
      return { do: "jump" };
    }
    return play(this.#isHolding ? 0 : this.#rateFor(glance, this.#smooth(nowMs, errorMs)));
  }

  /** Waits for the target to come. */
  get isHolding(): boolean {
    return this.#isHolding;
  }

  /** The position changed for another reason than playing, or is about to. */
  reset(nowMs: number): void {
    this.#errorMs = undefined;
    this.#isSteering = false;
    this.#isHolding = false;
    this.#settledMs = nowMs + SETTLE_MS;
  }

  #smooth(nowMs: number, errorMs: number): number {
    const share = this.#errorMs === undefined ? 1 : 1 - Math.exp((this.#atMs - nowMs) / SMOOTH_MS);
    this.#atMs = nowMs;
    this.#errorMs = (this.#errorMs ?? errorMs) + (errorMs - (this.#errorMs ?? errorMs)) * share;
    return this.#errorMs;
  }

  #rateFor({ aheadMs }: EdgeGlance, errorMs: number): number {
    const distanceMs = Math.abs(errorMs);
    this.#isSteering = distanceMs > (this.#isSteering ? ARRIVE_MS : LEAVE_MS);
    if (!this.#isSteering || (errorMs > 0 && aheadMs < LEAST_AHEAD_MS)) return 1;
    const change = Math.min(MAX_CHANGE, Math.max(STEP, Math.round(distanceMs / GLIDE_MS / STEP) * STEP));
    return 1 + Math.sign(errorMs) * change;
  }
}

function play(rate: number): Steering {
  return { do: "play", rate };
}

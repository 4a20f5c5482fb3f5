import type { Anchor } from "./timeline.ts";

/** The publisher's clock is compared with ours over windows of this length. */
const WINDOW_MS = 10_000;
/** The first bytes of a broadcast often come late; what comes right after them tells how late, over short windows. */
const FIRST_WINDOW_MS = 500;
const FIRST_WINDOWS = 6;
/** A change below this is not worth telling: no viewer could see it. */
const TOLERANCE_MS = 15;

/**
 * Which Unix time belongs to a media time: when that moment reached the server. All viewers of a broadcast reckon with
 * the same one, so the same delay is the same moment.
 *
 * The publisher's clock is never quite ours. How late the quickest chunk of each window comes tells how far they have
 * moved apart since the first window; late chunks tell nothing, those are the network.
 */
export class LiveClock {
  #anchor: Anchor = { seconds: 0, wallMs: 0 };
  #windowEndMs: number | undefined;
  #windows = 0;
  #leastLateMs = Number.POSITIVE_INFINITY;
  #usualMs: number | undefined;

  /** A moment and its Unix time in ms; others follow at one second a second. */
  get anchor(): Anchor {
    return this.#anchor;
  }

  /** A run of the encoder begins whose times lie so. One that continues the last one changes nothing. */
  start(anchor: Anchor): void {
    if (this.#windowEndMs !== undefined && Math.abs(this.#wallOf(anchor.seconds) - anchor.wallMs) < 1000) return;
    this.#anchor = anchor;
    this.#windowEndMs = undefined;
    this.#windows = 0;
    this.#usualMs = undefined;
    this.#leastLateMs = Number.POSITIVE_INFINITY;
  }

  /** The picture that ends at `seconds` is here at `nowMs` (Unix time). Returns true when the anchor has moved. */
  arrived(seconds: number, nowMs: number): boolean {
    this.#windowEndMs ??= nowMs + FIRST_WINDOW_MS;
    this.#leastLateMs = Math.min(this.#leastLateMs, nowMs - this.#wallOf(seconds));
    if (nowMs < this.#windowEndMs) return false;
    const apartMs = this.#apart(this.#leastLateMs);
    this.#windows += 1;
    this.#windowEndMs = nowMs + (this.#windows < FIRST_WINDOWS ? FIRST_WINDOW_MS : WINDOW_MS);
    this.#leastLateMs = Number.POSITIVE_INFINITY;
    if (Math.abs(apartMs) < TOLERANCE_MS) return false;
    this.#anchor = { seconds: this.#anchor.seconds, wallMs: this.#anchor.wallMs + apartMs };
    return true;
  }

  /** How far the clocks have moved apart, by the quickest chunk of a window. */
  #apart(leastLateMs: number): number {
    // Nothing is here before it has reached the server.
    if (this.#windows < FIRST_WINDOWS) return Math.min(0, leastLateMs);
    this.#usualMs ??= leastLateMs;
    return leastLateMs - this.#usualMs;
  }

  #wallOf(seconds: number): number {
    return this.#anchor.wallMs + (seconds - this.#anchor.seconds) * 1000;
  }
}

import type { LiveClock } from "../../../server/protocol/live.ts";
import { Lateness } from "./lateness.ts";
import { wallOf } from "./media-clock.ts";
import type { TrackKind } from "./media-sink.ts";
import { RateMeter } from "./rate-meter.ts";

/** When a chunk came, and what is needed to compare that with its media time. */
export interface ArrivalTime {
  /** Unix time in ms by this machine's clock. */
  readonly nowMs: number;
  /** How far the server's clock is ahead of that; undefined before it is known. */
  readonly offsetMs: number | undefined;
  readonly clock: LiveClock;
}

/** What is known about media that comes: how much, and how late. Times in ms. */
export class Arrivals {
  readonly #lateness = new Map<TrackKind, Lateness>();
  readonly #rate = new RateMeter();
  #freshSinceMs = Number.POSITIVE_INFINITY;

  /** What is made from now on is sent at once; what was made before comes late for no fault of the line. */
  beginAt(nowMs: number): void {
    this.#freshSinceMs = nowMs;
  }

  /** Takes the size of one message. */
  addBytes(nowMs: number, bytes: number): void {
    this.#rate.add(nowMs, bytes);
  }

  /** Takes a chunk by the media time it begins with, in seconds. */
  add(kind: TrackKind, time: number, { nowMs, offsetMs, clock }: ArrivalTime): void {
    if (offsetMs === undefined) return;
    const madeMs = wallOf(clock, time) - offsetMs;
    if (madeMs < this.#freshSinceMs) return;
    const lateness = this.#lateness.get(kind) ?? new Lateness();
    this.#lateness.set(kind, lateness);
    lateness.add(nowMs, nowMs - madeMs);
  }

  /** How late this share of a kind comes, see {@link Lateness.usual}. */
  usualMs(kind: TrackKind, nowMs: number, share: number): number | undefined {
    return this.#lateness.get(kind)?.usual(nowMs, share);
  }

  /** How late what came last of a kind is. */
  newestMs(kind: TrackKind): number | undefined {
    return this.#lateness.get(kind)?.newest;
  }

  bitsPerSecond(nowMs: number): number | undefined {
    return this.#rate.bitsPerSecond(nowMs);
  }

  /** The clocks say from now on that everything came so much later. */
  shift(byMs: number): void {
    for (const lateness of this.#lateness.values()) lateness.shift(byMs);
  }

  /** What came of a kind says nothing any more. */
  forget(kind: TrackKind): void {
    this.#lateness.delete(kind);
  }
}

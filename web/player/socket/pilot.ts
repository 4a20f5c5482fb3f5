import type { LiveClock } from "../../../server/protocol/live.ts";
import { nowMs } from "../../ui/server-clock.ts";
import { Intent } from "./intent.ts";
import { LiveEdge } from "./live-edge.ts";
import { mediaOf, wallOf } from "./media-clock.ts";
import { overHole, type Range, rangeAt, rangesOf } from "./ranges.ts";
import type { TargetDelay } from "./target-delay.ts";

/** Whoever comes back to the page and is further behind than this is taken to live at once. */
const RETURN_MS = 300;
/** It is known what there is (`HTMLMediaElement.HAVE_METADATA`). */
const HAVE_METADATA = 1;
/** The picture has what it needs for this moment (`HTMLMediaElement.HAVE_CURRENT_DATA`). */
const HAVE_PICTURE = 2;

/** What a pilot works with. */
export interface PilotParts {
  readonly video: HTMLVideoElement;
  readonly target: TargetDelay;
  /** The server's Unix time in ms. */
  readonly serverNowMs: () => number;
  /** Which Unix time belongs to a media time; undefined before the server has said. */
  readonly clock: () => LiveClock | undefined;
  readonly onSilence: (silent: boolean) => void;
}

/** Holds the picture at the target delay: looks where it is, and sets its speed and, when need be, its position. */
export class Pilot {
  readonly #parts: PilotParts;
  readonly #edge = new LiveEdge();
  readonly #intent: Intent;
  readonly #listening = new AbortController();
  #hasPlayed = false;
  #underruns = 0;
  #jumps = 0;
  #movedMs = 0;
  #mustMove = false;

  constructor(parts: PilotParts) {
    this.#parts = parts;
    const { video, target, onSilence } = parts;
    const behindMs = () => (this.#positionDelayMs ?? target.ms) - target.ms;
    this.#intent = new Intent({ video, behindMs, onSilence });
    const { signal } = this.#listening;
    video.addEventListener("playing", () => this.#onPlaying(), { signal });
    video.addEventListener("waiting", () => this.#onWaiting(), { signal });
    video.addEventListener("seeking", () => this.#edge.reset(nowMs()), { signal });
    document.addEventListener("visibilitychange", () => this.#onVisible(), { signal });
  }

  /** How long ago the moment on screen reached the server, in ms; undefined while that is unknown. */
  get delayMs(): number | undefined {
    return this.#parts.video.readyState < HAVE_PICTURE ? undefined : this.#positionDelayMs;
  }

  /** Where live is, in the video's own seconds. */
  get livePosition(): number | undefined {
    const clock = this.#parts.clock();
    return clock && mediaOf(clock, this.#parts.serverNowMs() - this.#parts.target.ms);
  }

  /** The viewer wants to stay behind live. */
  get staysBehind(): boolean {
    return this.#intent.staysBehind;
  }

  /** The picture stands still until it is as far behind as the viewer wants. */
  get isHolding(): boolean {
    return this.#edge.isHolding;
  }

  /** Times that nothing was there to play. */
  get underruns(): number {
    return this.#underruns;
  }

  /** Times that the picture was moved to live, or over a hole. */
  get jumps(): number {
    return this.#jumps;
  }

  /**
   * Begins between the first and the last position that there is media for, in seconds: at the target if that is there,
   * else as near to it as can be.
   */
  begin(first: number, last: number): void {
    const { video, target } = this.#parts;
    const start = () => {
      const wished = target.wishMs === undefined ? last : (this.livePosition ?? last);
      this.#intent.seek(Math.max(first, Math.min(wished, last)));
    };
    // Chromium forgets a position that it is given before it knows what there is.
    if (video.readyState >= HAVE_METADATA) start();
    else video.addEventListener("loadedmetadata", start, { once: true, signal: this.#listening.signal });
  }

  goLive(): void {
    this.#intent.goLive();
    const position = this.livePosition;
    if (position !== undefined && rangeAt(this.#ranges, position) !== undefined) this.#go(position);
  }

  /** What there is to play has changed: goes to the target as soon as that is there, however near it is. */
  resync(): void {
    this.#mustMove = !this.staysBehind;
  }

  /** Looks and steers; call it about ten times a second. */
  step(): void {
    const { video, target } = this.#parts;
    const [delayMs, position] = [this.delayMs, this.livePosition];
    if (video.paused || video.ended || position === undefined) return;
    const ranges = this.#ranges;
    const next = overHole(ranges, video.currentTime);
    if (next !== undefined) return this.#go(!this.staysBehind && rangeAt(ranges, position) ? position : next);
    if (this.#mustMove && rangeAt(ranges, position) !== undefined) return this.#go(position);
    // Of a page that nobody sees the browser wakes the timers once a minute: a speed would be kept for that long.
    if (delayMs === undefined || this.staysBehind || document.hidden) return this.#setRate(1);
    const here = rangeAt(ranges, video.currentTime);
    const steering = this.#edge.steer({
      nowMs: nowMs(),
      delayMs,
      targetMs: target.ms,
      aheadMs: here === undefined ? 0 : (here.end - video.currentTime) * 1000,
      canJump: rangeAt(ranges, position) !== undefined,
    });
    if (steering.do === "jump") this.#go(position);
    else this.#setRate(steering.rate);
  }

  close(): void {
    this.#listening.abort();
    this.#intent.close();
    this.#setRate(1);
  }

  /** The same of the position that the picture is to have, be it there or not. */
  get #positionDelayMs(): number | undefined {
    const clock = this.#parts.clock();
    return clock && this.#parts.serverNowMs() - wallOf(clock, this.#parts.video.currentTime);
  }

  get #ranges(): Range[] {
    return rangesOf(this.#parts.video.buffered);
  }

  #go(position: number): void {
    this.#jumps += 1;
    this.#mustMove = false;
    this.#movedMs = nowMs();
    this.#setRate(1);
    this.#intent.seek(position);
  }

  #setRate(rate: number): void {
    const { video } = this.#parts;
    if (video.playbackRate !== rate) video.playbackRate = rate;
  }

  #onPlaying(): void {
    if (!this.#hasPlayed) this.#edge.reset(nowMs());
    this.#hasPlayed = true;
  }

  #onWaiting(): void {
    const { video, target } = this.#parts;
    const isOurs = video.seeking || video.paused || this.staysBehind || nowMs() - this.#movedMs < RETURN_MS;
    if (isOurs || !this.#hasPlayed) return;
    this.#underruns += 1;
    target.underrun();
    // Chromium wants more sound before it plays on with each underrun, and forgets that when it is moved.
    this.#mustMove = true;
  }

  #onVisible(): void {
    const { target } = this.#parts;
    if (document.hidden || this.staysBehind || (this.delayMs ?? 0) - target.ms < RETURN_MS) return;
    this.goLive();
  }
}

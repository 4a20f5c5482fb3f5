/** Where a viewer is, against where it should be. Seconds. */
export interface Place {
  /** Behind the live edge. */
  readonly latency: number;
  /** What it should be. */
  readonly target: number;
  /** Loaded and not yet played. */
  readonly ahead: number;
  /** Of the picture, on the media's own clock. */
  readonly position: number;
}

/** What brings a viewer to where it should be. */
export interface Correction {
  /** The speed to play at from now on. */
  readonly rate: number;
  /** Too far for speed: go there at once. In seconds on the media's clock; undefined to stay. */
  readonly jumpTo?: number;
}

/** Speeds that viewers do not hear. */
const FASTEST = 1.1;
const SLOWEST = 0.95;
/** Change of speed for each second off the target. */
const GAIN = 0.5;
/** The speed is changed when further off than this, and made normal again within the smaller one. */
const OFF = 0.05;
const ON = 0.01;
/** Who went back or paused, and is further off than this, wants to be there. */
const NEAR = 1;
/** Further off than this without having wished it, a viewer is brought back at once. */
const LOST = 3;
/** A line that cannot keep up is not asked to do so all the time. */
const BETWEEN_JUMPS_MS = 10_000;
/** Players move back by a little on their own, over gaps and stalls; people by more. */
const LEAST_REWIND = 0.5;
/** With less than this loaded, hurrying would stop the picture. */
const LEAST_AHEAD = 0.3;
/** How much a single look counts: playlists come in steps, and a delay seems to change with each of them. */
const WEIGHT = 0.15;

/** Brings a viewer to its target delay and holds it there, unless it wants to be somewhere else. */
export class LivePace {
  #off: number | undefined;
  #position: number | undefined;
  #staysBehind = false;
  #jumpedAtMs = Number.NEGATIVE_INFINITY;

  /** The viewer, not its browser, has stopped the picture. */
  paused(): void {
    this.#staysBehind = true;
  }

  /** What to do now, at this speed. To be asked at regular times while the picture is not paused. */
  look(place: Place, rate: number, nowMs: number): Correction {
    const off = this.#smooth(place.latency - place.target);
    if (this.#position !== undefined && place.position < this.#position - LEAST_REWIND) this.#staysBehind = true;
    this.#position = place.position;
    if (off < NEAR) this.#staysBehind = false;
    if (this.#staysBehind) return { rate: 1 };
    if (off > LOST) return this.#jump(place, nowMs);
    return { rate: rateFor(off, place.ahead, rate) };
  }

  #jump({ latency, target, position }: Place, nowMs: number): Correction {
    if (nowMs - this.#jumpedAtMs < BETWEEN_JUMPS_MS) return { rate: 1 };
    this.#jumpedAtMs = nowMs;
    this.#off = undefined;
    return { rate: 1, jumpTo: position + latency - target };
  }

  #smooth(off: number): number {
    // After a jump, what was before says nothing.
    const isNear = this.#off !== undefined && Math.abs(off - this.#off) < 0.5;
    this.#off = isNear ? (this.#off ?? off) + WEIGHT * (off - (this.#off ?? off)) : off;
    return this.#off;
  }
}

function rateFor(off: number, ahead: number, now: number): number {
  if (off > 0 && ahead < LEAST_AHEAD) return 1;
  if (Math.abs(off) < (now === 1 ? OFF : ON)) return 1;
  const wanted = Math.min(FASTEST, Math.max(SLOWEST, 1 + off * GAIN));
  return Math.round(wanted * 100) / 100;
}

/** Asks a pace what to do with a video, and does it; `place` is undefined while nothing is known. */
export function keepPace(pace: LivePace, video: HTMLVideoElement, place: Omit<Place, "position"> | undefined): void {
  if (video.paused) {
    // What the browser does to a page that nobody sees is no wish of the viewer, and one that has not begun is not paused.
    if (!document.hidden && !video.ended && video.played.length > 0) pace.paused();
    return;
  }
  if (place === undefined) return;
  const { rate, jumpTo } = pace.look({ ...place, position: video.currentTime }, video.playbackRate, performance.now());
  if (rate !== video.playbackRate) video.playbackRate = rate;
  if (jumpTo !== undefined) video.currentTime = jumpTo;
}

/** A picture that stands for this long although there is something to play has got stuck. */
const STUCK_MS = 1_000;

/** Tells when a picture has got stuck with something left to play, once each time. */
export class StuckWatch {
  #since: { readonly seconds: number; readonly ms: number } | undefined;

  /** To be asked at regular times while nothing is paused: where the picture is, and what is loaded beyond it. */
  isStuck(seconds: number, ahead: number, nowMs: number): boolean {
    if (ahead < LEAST_AHEAD) this.#since = undefined;
    else if (this.#since?.seconds !== seconds) this.#since = { seconds, ms: nowMs };
    if (this.#since === undefined || nowMs - this.#since.ms < STUCK_MS) return false;
    this.#since = undefined;
    return true;
  }
}

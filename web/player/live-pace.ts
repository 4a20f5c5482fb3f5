/** Where a viewer is, against where it should be. Seconds. */
export interface Place {
  /** Behind the live edge. */
  readonly latency: number;
  /** What it should be. */
  readonly target: number;
  /** Loaded and not yet played. */
  readonly ahead: number;
}

/** Speeds that viewers do not hear. */
const FASTEST = 1.1;
const SLOWEST = 0.95;
/** Change of speed for each second off the target. */
const GAIN = 0.5;
/** The speed is changed when further off than this, and made normal again within the smaller one. */
const OFF = 0.05;
const ON = 0.01;
/** Further off than this somebody has rewound, and wants to be there. */
const REWOUND = 3;
/** With less than this loaded, hurrying would stop the picture. */
const LEAST_AHEAD = 0.3;
/** How much a single look counts: playlists come in steps, and a delay seems to change with each of them. */
const WEIGHT = 0.15;

/** Brings a viewer to its target delay and holds it there. */
export class LivePace {
  #off: number | undefined;

  /** The speed to play at from now on. To be asked at regular times. */
  rate({ latency, target, ahead }: Place, now: number): number {
    const off = this.#smooth(latency - target);
    if (off > REWOUND || (off > 0 && ahead < LEAST_AHEAD)) return 1;
    if (Math.abs(off) < (now === 1 ? OFF : ON)) return 1;
    const wanted = Math.min(FASTEST, Math.max(SLOWEST, 1 + off * GAIN));
    return Math.round(wanted * 100) / 100;
  }

  #smooth(off: number): number {
    // After a jump, what was before says nothing.
    const isNear = this.#off !== undefined && Math.abs(off - this.#off) < 0.5;
    this.#off = isNear ? (this.#off ?? off) + WEIGHT * (off - (this.#off ?? off)) : off;
    return this.#off;
  }
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

/** Times this close are the same: half of the smallest step of WebM's clock, twice over. In seconds. */
const EPSILON = 0.001;
/** Boundaries remembered for tracks that are behind the others. */
const BOUNDARIES_KEPT = 64;

/** Where a segment of every track begins. */
export interface Boundary {
  /** Segment number: rises by one, whatever happens to the encoder. */
  readonly number: number;
  /** Seconds on the broadcast's timeline. */
  readonly time: number;
  /** Unix time in ms at which this moment reached the server. */
  readonly wallMs: number;
  /** How many discontinuities lie at or before this boundary. */
  readonly discontinuities: number;
}

/** Where a run's times lie on the wall clock. */
export interface Anchor {
  readonly seconds: number;
  readonly wallMs: number;
}

/**
 * Decides where all tracks of a broadcast are cut: at the first key frame at or after n × S on an absolute grid.
 *
 * Whichever track comes first at such a key frame makes the boundary, and all others take it over, so that every track
 * has the same segments with the same numbers.
 */
export class Timeline {
  readonly #segmentSeconds: number;
  #boundaries: Boundary[] = [];
  #anchor: Anchor = { seconds: 0, wallMs: 0 };
  #breaks = false;
  #frontier = Number.NEGATIVE_INFINITY;

  constructor(segmentSeconds: number) {
    this.#segmentSeconds = segmentSeconds;
  }

  /** A new run of the encoder. One that does not continue the last begins with a discontinuity on all tracks. */
  startRun(run: { readonly continues: boolean; readonly anchor: Anchor }): void {
    this.#anchor = run.anchor;
    if (!run.continues || this.#boundaries.length === 0) this.breakOff();
  }

  /** What comes next does not continue what was there: the next key frame begins a discontinuity on all tracks. */
  breakOff(): void {
    this.#breaks = true;
    this.#frontier = Number.NEGATIVE_INFINITY;
  }

  /** Video has been seen up to `time`: what is before it is decided. */
  advance(time: number): void {
    this.#frontier = Math.max(this.#frontier, time);
  }

  /** The boundary whose segment a key frame at `time` belongs to; makes a new one when the grid says so. */
  keyAt(time: number): Boundary {
    const last = this.#boundaries.at(-1);
    if (last === undefined || this.#breaks) return this.#add(time, last);
    if (this.#cell(time) > this.#cell(last.time) && time > last.time) return this.#add(time, last);
    return this.#before(time) ?? last;
  }

  /** The boundary that sound at `time` belongs to; undefined until the picture has decided. */
  decidedAt(time: number): Boundary | undefined {
    if (this.#breaks || this.#frontier < time) return undefined;
    return this.#before(time) ?? this.#boundaries[0];
  }

  /** The remembered boundaries with numbers in [from, to). */
  between(from: number, to: number): readonly Boundary[] {
    return this.#boundaries.filter(({ number }) => number >= from && number < to);
  }

  #cell(time: number): number {
    return Math.floor((time + EPSILON) / this.#segmentSeconds);
  }

  #before(time: number): Boundary | undefined {
    return this.#boundaries.findLast((boundary) => boundary.time <= time + EPSILON);
  }

  #add(time: number, last: Boundary | undefined): Boundary {
    const boundary = {
      number: last === undefined ? 0 : last.number + 1,
      time,
      wallMs: this.#anchor.wallMs + (time - this.#anchor.seconds) * 1000,
      discontinuities: (last?.discontinuities ?? 0) + (last !== undefined && this.#breaks ? 1 : 0),
    };
    // What lies before a break is over: nobody who comes later belongs to it.
    this.#boundaries = [...(this.#breaks ? [] : this.#boundaries.slice(1 - BOUNDARIES_KEPT)), boundary];
    this.#breaks = false;
    return boundary;
  }
}

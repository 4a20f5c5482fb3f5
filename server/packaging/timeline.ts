/** Times this close are the same: half of the smallest step of WebM's clock, twice over. In seconds. */
const EPSILON = 0.001;
/** Sound alone is cut at the chunk whose middle is nearest: it begins up to half of one early. In seconds. */
const SOUND_EARLY_SECONDS = 0.025;
/** Boundaries remembered for tracks that are behind the others. */
const BOUNDARIES_KEPT = 64;
/**
 * What comes this much after the multiple that a segment begins at, after a pause or because frames are few, does not
 * move where it begins: the segment before it would be longer than promised. In seconds.
 */
export const LATE_SECONDS = 0.25;
/** An encoder that has sent nothing for more segments than this begins anew. */
const MAX_EMPTY_SEGMENTS = 30;

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

/** What the timeline must know of a run. */
export interface TimelineRun {
  readonly continues: boolean;
  readonly anchor: Anchor;
  /** What playlists have promised, where key frames are the publisher's. */
  readonly longestSegmentSeconds?: number;
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
  /** Which multiple of the segment's length the newest boundary stands for. */
  #lastCell = 0;
  #breaks = false;
  #frontier = Number.NEGATIVE_INFINITY;
  #pictureEnd = Number.NEGATIVE_INFINITY;
  /** Number of the first boundary since the last break: nobody who comes later belongs to those before it. */
  #current = 0;
  /** Where the picture ended at each break, by the number of the last boundary before it. */
  readonly #ends = new Map<number, number>();
  #longestSegmentSeconds = Number.POSITIVE_INFINITY;
  #lastKey: number | undefined;
  #shortestKeyInterval = Number.POSITIVE_INFINITY;
  #longestKeyInterval = 0;

  /** `last` is where an earlier life of the server got to. */
  constructor(segmentSeconds: number, last?: Boundary) {
    this.#segmentSeconds = segmentSeconds;
    if (last === undefined) return;
    this.#boundaries = [last];
    this.#lastCell = this.#cell(last.time + SOUND_EARLY_SECONDS);
  }

  /** A new run of the encoder. One that does not continue the last begins with a discontinuity on all tracks. */
  startRun(run: TimelineRun): void {
    this.#anchor = run.anchor;
    this.#longestSegmentSeconds = run.longestSegmentSeconds ?? Number.POSITIVE_INFINITY;
    if (!run.continues || this.#boundaries.length === 0) this.breakOff();
  }

  /** What comes next does not continue what was there: the next key frame begins a discontinuity on all tracks. */
  breakOff(): void {
    const last = this.#boundaries.at(-1);
    if (last !== undefined && !this.#breaks) this.#ends.set(last.number, Math.max(last.time, this.#pictureEnd));
    this.#breaks = true;
    this.#lastKey = undefined;
    this.#shortestKeyInterval = Number.POSITIVE_INFINITY;
    this.#longestKeyInterval = 0;
    this.#frontier = Number.NEGATIVE_INFINITY;
    this.#pictureEnd = Number.NEGATIVE_INFINITY;
  }

  /** A picture that begins at `time` has been seen: what is before it is decided. */
  advance(time: number, end = time): void {
    this.#frontier = Math.max(this.#frontier, time);
    this.#pictureEnd = Math.max(this.#pictureEnd, end);
  }

  /** The shortest and the longest distance between two key frames since the last break, in seconds. */
  get keyIntervals(): { readonly shortest: number; readonly longest: number } {
    return { shortest: this.#shortestKeyInterval, longest: this.#longestKeyInterval };
  }

  /** Where the segment after `boundary` begins, if there is one and nothing broke in between. */
  startAfter({ number, discontinuities }: Boundary): number | undefined {
    const next = this.#boundaries.find((boundary) => boundary.number === number + 1);
    return next?.discontinuities === discontinuities ? next.time : undefined;
  }

  /**
   * The boundary whose segment a key frame at `time` belongs to; makes a new one when the grid says so, and before that
   * when the next key frame, as far apart as any were so far, would make the segment longer than has been promised. What
   * begins no more than `early` before a multiple of the segment's length is as good as on it.
   */
  keyAt(time: number, early = 0): Boundary {
    if (this.#lastKey !== undefined && time > this.#lastKey) {
      this.#shortestKeyInterval = Math.min(this.#shortestKeyInterval, time - this.#lastKey);
      this.#longestKeyInterval = Math.max(this.#longestKeyInterval, time - this.#lastKey);
    }
    this.#lastKey = Math.max(this.#lastKey ?? time, time);
    const last = this.#boundaries.at(-1);
    const isLastChance =
      last !== undefined &&
      time > last.time + EPSILON &&
      time + this.#longestKeyInterval > last.time + this.#longestSegmentSeconds + EPSILON;
    if (isLastChance && !this.#breaks) return this.#add(time, last);
    return this.#boundaryAt(time, early);
  }

  #boundaryAt(time: number, early = 0): Boundary {
    const last = this.#boundaries.at(-1);
    const cell = this.#cell(time + early);
    if (last === undefined || this.#breaks) return this.#add(time, last, cell);
    if (cell > this.#lastCell && time > last.time) {
      const previous = this.#leaveOut(cell - this.#lastCell - 1, last);
      return this.#add(this.#breaks ? time : this.#cutFor(time, cell), previous, cell);
    }
    return this.#before(time) ?? last;
  }

  /** Where keys are forced, what is late begins where it should; the publisher's own keys are never late. */
  #cutFor(time: number, cell: number): number {
    const multiple = cell * this.#segmentSeconds;
    const isLate = !Number.isFinite(this.#longestSegmentSeconds) && time - multiple > LATE_SECONDS;
    return isLate ? multiple : time;
  }

  /**
   * Segments for which nothing came, where keys are forced at every multiple: the one before them would be longer than
   * promised. Where keys are the publisher's, a segment may well reach into the next cell.
   */
  #leaveOut(cells: number, last: Boundary): Boundary {
    if (Number.isFinite(this.#longestSegmentSeconds)) return last;
    if (cells > MAX_EMPTY_SEGMENTS) this.breakOff();
    if (this.#breaks) return last;
    let newest = last;
    const first = this.#lastCell + 1;
    for (let cell = first; cell < first + cells; cell++) newest = this.#add(cell * this.#segmentSeconds, newest);
    return newest;
  }

  /** The boundary that sound at `time` belongs to; undefined until the picture has decided. */
  decidedAt(time: number): Boundary | undefined {
    if (this.#breaks || this.#frontier < time) return undefined;
    return this.#before(time) ?? this.#boundaries.find(({ number }) => number >= this.#current);
  }

  /** The same for sound that goes on alone: cut exactly on the grid, where the picture's keys will be when it is back. */
  aloneAt(time: number): Boundary {
    const last = this.#boundaries.at(-1);
    const goesOn = last !== undefined && !this.#breaks && this.#cell(time) > this.#lastCell;
    return this.#boundaryAt(goesOn ? this.#cell(time) * this.#segmentSeconds : time);
  }

  /** The remembered segments with numbers in [from, to), and how long each is in seconds. */
  between(from: number, to: number): { readonly boundary: Boundary; readonly seconds: number }[] {
    return this.#boundaries.flatMap((boundary, index) => {
      if (boundary.number < from || boundary.number >= to) return [];
      const end = this.#ends.get(boundary.number) ?? this.#boundaries[index + 1]?.time ?? boundary.time;
      return [{ boundary, seconds: end - boundary.time }];
    });
  }

  #cell(time: number): number {
    return Math.floor((time + EPSILON) / this.#segmentSeconds);
  }

  #before(time: number): Boundary | undefined {
    return this.#boundaries.findLast(({ number, time: begin }) => number >= this.#current && begin <= time + EPSILON);
  }

  #add(time: number, last: Boundary | undefined, cell = this.#cell(time)): Boundary {
    this.#lastCell = cell;
    const boundary = {
      number: last === undefined ? 0 : last.number + 1,
      time,
      wallMs: this.#anchor.wallMs + (time - this.#anchor.seconds) * 1000,
      discontinuities: (last?.discontinuities ?? 0) + (last !== undefined && this.#breaks ? 1 : 0),
    };
    if (this.#breaks) this.#current = boundary.number;
    this.#breaks = false;
    this.#boundaries = [...this.#boundaries.slice(1 - BOUNDARIES_KEPT), boundary];
    this.#ends.delete(boundary.number - BOUNDARIES_KEPT);
    return boundary;
  }
}

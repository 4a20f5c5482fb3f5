import type { Boundary, Timeline } from "./timeline.ts";
import type { Track } from "./track.ts";

/**
 * Where numbered segments lie nominally (`$Number$` with `@duration`, ISO/IEC 23009-1 §5.3.9.5.3): the one called
 * `number` begins at `start`, and each next one `seconds` later.
 */
export interface NumberGrid {
  /** How many discontinuities lie before its segments. */
  readonly discontinuities: number;
  readonly number: number;
  /** On the broadcast's timeline. */
  readonly start: number;
  readonly seconds: number;
  /** A segment may begin this much before its nominal start. In seconds. */
  readonly early: number;
}

/** What is cut at one distance is off by a little: sound by half a chunk, clocks by their jitter. In seconds. */
const SLACK = 0.02;
/** Intervals between key frames that differ by no more than clocks do. In seconds. */
const SAME_SECONDS = 0.01;
/** What a number of them may be off from a segment: more would add up to another frame within the hour. In seconds. */
const DRIFT_SECONDS = 0.0012;

/**
 * Decides, for the stretch after each discontinuity, whether a manifest can tell its segments by their numbers alone.
 *
 * The publisher's key frames lie anywhere in the cells of the grid that segments are cut by, or at one distance from it.
 * Nominal starts are late rather than early, so that a player that looks up a moment never gets a segment that begins
 * after it; and it may ask for a segment when the earliest possible start has come, and wait for the real one.
 */
export class NumberGrids {
  readonly #segmentSeconds: number;
  readonly #timeline: Timeline;
  /** By the number of discontinuities before. */
  readonly #known = new Map<number, NumberGrid>();
  /** The stretches whose segments turned out not to lie where their numbers say. */
  readonly #irregular = new Set<number>();
  #copied = false;

  constructor(segmentSeconds: number, timeline: Timeline) {
    this.#segmentSeconds = segmentSeconds;
    this.#timeline = timeline;
  }

  /** A run of the encoder begins that cuts at the publisher's own key frames or not. */
  startRun(copied: boolean): void {
    this.#copied = copied;
  }

  /** Where the stretch after so many discontinuities begins nominally, if a manifest ever said so. */
  startOf(discontinuities: number): number | undefined {
    return this.#known.get(discontinuities)?.start;
  }

  /** The grid of the newest stretch, as long as its segments lie on it. */
  newest(tracks: readonly Track[]): NumberGrid | undefined {
    const newest = Math.max(...tracks.map(newestStretch));
    const firsts = tracks.flatMap((track) => firstOf(track, newest) ?? []);
    const [first] = firsts.toSorted((a, b) => a.number - b.number);
    if (first === undefined) return undefined;
    const grid = this.#known.get(newest) ?? this.#gridFrom(first, newestBoundary(tracks) ?? first);
    this.#known.set(newest, grid);
    if (!tracks.every((track) => lieOn(grid, track, newest))) this.#irregular.add(newest);
    return this.#irregular.has(newest) ? undefined : grid;
  }

  /** A grid whose first segment is `first`, by where the newest has begun. */
  #gridFrom({ discontinuities, number, time }: Boundary, newest: Boundary): NumberGrid {
    const seconds = this.#segmentSeconds;
    if (this.#copied && !(this.#areCutsRegular() && newest.number > number)) {
      // Anywhere in a cell: the nominal start lies in the middle of it.
      const early = seconds / 2 - SLACK;
      return { discontinuities, number, start: this.#cellOf(time) + early, seconds, early };
    }
    const begin = this.#copied ? newest.time - (newest.number - number) * seconds : this.#cellOf(time);
    return { discontinuities, number, start: begin + SLACK, seconds, early: SLACK };
  }

  /** The publisher's key frames come at one distance, of which a segment is a multiple. */
  #areCutsRegular(): boolean {
    const { shortest, longest } = this.#timeline.keyIntervals;
    const each = (shortest + longest) / 2;
    const off = Math.abs(Math.round(this.#segmentSeconds / each) * each - this.#segmentSeconds);
    return longest - shortest <= SAME_SECONDS && off <= DRIFT_SECONDS;
  }

  #cellOf(time: number): number {
    return Math.floor((time + 2 * SLACK) / this.#segmentSeconds) * this.#segmentSeconds;
  }
}

/** The newest boundary of all tracks. */
function newestBoundary(tracks: readonly Track[]): Boundary | undefined {
  const all = tracks.flatMap(({ open, window }) => open?.boundary ?? window.last?.boundary ?? []);
  return all.toSorted((a, b) => b.number - a.number)[0];
}

/** How many discontinuities lie before the newest of a track. */
export function newestStretch({ window, open }: Track): number {
  return open?.boundary.discontinuities ?? window.last?.boundary.discontinuities ?? 0;
}

/** The first boundary after so many discontinuities, also when its segment is still being made. */
function firstOf({ window, open }: Track, discontinuities: number): Boundary | undefined {
  const row = window.firstAfterBreak(discontinuities);
  return row?.boundary ?? (open?.boundary.discontinuities === discontinuities ? open.boundary : undefined);
}

/** Half a segment off is what players must bear. */
function lieOn({ number, start, seconds }: NumberGrid, { window, open }: Track, discontinuities: number): boolean {
  const rows = window.listed.map(({ boundary }) => boundary);
  const boundaries = open === undefined ? rows : [...rows, open.boundary];
  return boundaries.every((boundary) => {
    const nominal = start + (boundary.number - number) * seconds;
    return boundary.discontinuities !== discontinuities || Math.abs(boundary.time - nominal) <= seconds / 2 + 2 * SLACK;
  });
}

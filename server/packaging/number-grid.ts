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

/** Forced keys lie on the grid but for a frame, and so does what is cut with them. In seconds. */
const SLACK = 0.05;
/** The publisher's keys have about the distance of segments: each is a cut. In segments. */
const EACH_IS_A_CUT = 0.75;

/**
 * Decides, for the stretch after each discontinuity, whether a manifest can tell its segments by their numbers alone.
 *
 * The publisher's key frames lie anywhere in the cells of the grid that segments are cut by, or at one distance from it;
 * nominal starts are late rather than early, so that a player that looks up a moment never gets a segment that begins
 * after it.
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
    const grid = this.#known.get(newest) ?? this.#gridFrom(first);
    this.#known.set(newest, grid);
    if (!tracks.every((track) => lieOn(grid, track, newest))) this.#irregular.add(newest);
    return this.#irregular.has(newest) ? undefined : grid;
  }

  #gridFrom({ discontinuities, number, time }: Boundary): NumberGrid {
    const seconds = this.#segmentSeconds;
    const isEachACut = this.#copied && this.#timeline.longestKeyInterval > EACH_IS_A_CUT * seconds;
    const early = this.#copied && !isEachACut ? seconds / 2 : SLACK;
    const cellStart = Math.floor((time + SLACK) / seconds) * seconds;
    return { discontinuities, number, start: (isEachACut ? time : cellStart) + early, seconds, early };
  }
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
    return boundary.discontinuities !== discontinuities || Math.abs(boundary.time - nominal) <= seconds / 2 + SLACK;
  });
}

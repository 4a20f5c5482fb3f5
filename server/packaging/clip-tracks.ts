import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { segmentName } from "./hls.ts";
import type { PastTrack } from "./past.ts";
import { type RecordedSegment, type RecordedTrack, readRunInit, readSegmentTimes } from "./recorded-tracks.ts";
import type { RunInit, SegmentRow } from "./segment.ts";
import type { Boundary } from "./timeline.ts";

/** Two segments this close follow each other: playlists tell lengths to a hundredth of a millisecond. In seconds. */
const EPSILON = 0.01;

/** Finds out all that there is to know of the segments with the numbers of those `chosen`, which are the first track's. */
export async function cutTracks(
  folder: string,
  recorded: readonly RecordedTrack[],
  chosen: readonly RecordedSegment[],
): Promise<PastTrack[]> {
  const numbers = new Set(chosen.map(({ number }) => number));
  const boundaries = new Map<number, Boundary>();
  const tracks: PastTrack[] = [];
  for (const { name, kind, segments } of recorded) {
    const own = segments.filter(({ number }) => numbers.has(number));
    const runs = [...new Set(own.map(({ run }) => run))];
    const inits = await Promise.all(runs.map((run) => readRunInit(folder, name, run)));
    const before = chosen[0]?.discontinuities ?? 0;
    const rows = await readRows(join(folder, name), own, { inits, boundaries, before });
    if (rows.length > 0) tracks.push({ name, kind, rows, inits });
  }
  return tracks;
}

/** What all rows of a clip have in common. */
interface Cut {
  readonly inits: readonly RunInit[];
  /** Where segments begin, by their numbers: as the first track has it. */
  readonly boundaries: Map<number, Boundary>;
  /** Discontinuities before the clip. */
  readonly before: number;
}

async function readRows(folder: string, segments: readonly RecordedSegment[], cut: Cut): Promise<SegmentRow[]> {
  const rows: SegmentRow[] = [];
  for (const segment of segments) {
    const init = cut.inits.find(({ run }) => run === segment.run);
    if (init !== undefined) rows.push(await readRow(folder, segment, { ...cut, init, previous: rows.at(-1) }));
  }
  return rows.map((row, index) => ({ ...row, duration: exactDuration(row, rows[index + 1], cut.inits) }));
}

async function readRow(
  folder: string,
  { number, run, seconds, wallMs, discontinuities, gap }: RecordedSegment,
  { boundaries, before, init, previous }: Cut & { readonly init: RunInit; readonly previous: SegmentRow | undefined },
): Promise<SegmentRow> {
  const bytes = gap ? new Uint8Array(0) : await readFile(join(folder, segmentName(run, number)));
  const { timescale } = init.info;
  const found = readSegmentTimes(bytes, init.info);
  const known = boundaries.get(number);
  const place = known === undefined ? (previous?.start ?? 0) + (previous?.duration ?? 0) : known.time * timescale;
  const start = found?.start ?? Math.round(place);
  const boundary = known ?? { number, time: start / timescale, wallMs, discontinuities: discontinuities - before };
  boundaries.set(number, boundary);
  const duration = Math.round(seconds * timescale);
  return { number, run, start, duration, bytes: bytes.byteLength, samples: found?.samples ?? 0, boundary, gap };
}

/** Where the next segment follows, a segment is as long as it takes to get there. */
function exactDuration(row: SegmentRow, next: SegmentRow | undefined, inits: readonly RunInit[]): number {
  if (next === undefined || next.boundary.discontinuities !== row.boundary.discontinuities) return row.duration;
  const timescale = inits.find(({ run }) => run === row.run)?.info.timescale ?? 1;
  const distance = next.start - row.start;
  return Math.abs(distance - row.duration) < EPSILON * timescale ? distance : row.duration;
}

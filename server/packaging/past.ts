import { readdir, readFile, rm, stat } from "node:fs/promises";
import { join, relative } from "node:path";
import { parseInit } from "../media/cmaf.ts";
import { readEvents } from "./event-files.ts";
import { initName, segmentName } from "./hls.ts";
import { type JournalRun, readJournal } from "./journal.ts";
import type { MediaEvent } from "./media-events.ts";
import { readPreviewTimes } from "./preview-files.ts";
import type { RunInit, SegmentRow } from "./segment.ts";
import type { Boundary } from "./timeline.ts";

/** Where a run of the encoder read: see {@link JournalRun}. */
type RunPlace = JournalRun["place"];

/** What an earlier life of the server published of one track. */
export interface PastTrack {
  readonly name: string;
  readonly kind: "video" | "audio";
  readonly rows: readonly SegmentRow[];
  readonly inits: readonly RunInit[];
}

/** What an earlier life of the server published of a broadcast. */
export interface Past {
  readonly tracks: readonly PastTrack[];
  /** Pictures that the last run did not make any more, although others before it did. */
  readonly retired: readonly string[];
  /** No run before had this number: it is part of addresses whose content never changes. */
  readonly nextRun: number;
  readonly targetSeconds: number;
  /** Where the last segment of all tracks began; undefined when there is none. */
  readonly last: Boundary | undefined;
  /** What the last segment was made of. */
  readonly place: RunPlace | undefined;
  /** When each preview image that was kept is shown, in seconds on the timeline. */
  readonly previewTimes: readonly number[];
  /** What was seen and heard in it. */
  readonly events: readonly MediaEvent[];
}

/**
 * Tracks are at most this many segments apart while they keep up with each other. One that is further behind had nothing
 * to publish, such as a silent microphone.
 */
const SEGMENTS_APART = 3;

/**
 * Finds out what an earlier life of the server published of a recording, from its folder. All tracks are cut behind the
 * same segment: what one of them has beyond is removed, and will be made again from the archive.
 */
export async function readPast(folder: string): Promise<Past> {
  const journal = await readJournal(folder);
  const nextRun = 1 + Math.max(-1, ...journal.runs.map(({ run }) => run), ...(await runsOnDisk(folder)));
  const found = await Promise.all([...journal.rows].map(([name, rows]) => readTrack(folder, name, rows)));
  const whole = found.filter((track) => track !== undefined);
  // A track without its init segments is lost, and the others do not play without it: all begin anew.
  const tracks = whole.length < found.length ? [] : aligned(whole, journal.runs.at(-1)?.tracks ?? []);
  await removeOthers(folder, tracks);
  const last = tracks.flatMap(({ rows }) => rows.at(-1) ?? []).toSorted((a, b) => b.number - a.number)[0];
  return {
    tracks,
    retired: retiredOf(journal.runs),
    nextRun,
    targetSeconds: Math.max(1, ...journal.runs.map(({ targetSeconds }) => targetSeconds)),
    last: last?.boundary,
    place: journal.runs.findLast(({ run }) => run === last?.run)?.place,
    previewTimes: await readPreviewTimes(folder),
    events: await readEvents(folder),
  };
}

function retiredOf(runs: readonly JournalRun[]): string[] {
  const picturesOf = ({ tracks }: JournalRun) => tracks.filter((name) => name.startsWith("video"));
  const last = runs.findLast((run) => picturesOf(run).length > 0);
  return [...new Set(runs.flatMap(picturesOf))].filter((name) => last?.tracks.includes(name) === false);
}

async function runsOnDisk(folder: string): Promise<number[]> {
  const names = await trackFolders(folder);
  const runs = await Promise.all(names.map((name) => readdir(join(folder, name))));
  return runs.flat().map(Number).filter(Number.isInteger);
}

async function trackFolders(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  return entries
    .filter((entry) => entry.isDirectory() && /^(video|audio)\d+$/.test(entry.name))
    .map(({ name }) => name);
}

/** Undefined when an init segment is missing without which its segments cannot be played. */
async function readTrack(folder: string, name: string, noted: readonly SegmentRow[]): Promise<PastTrack | undefined> {
  const rows = await thatAreThere(join(folder, name), noted);
  const runs = new Set(rows.map(({ run }) => run));
  try {
    const inits = await Promise.all([...runs].map((run) => readInit(join(folder, name), run)));
    return { name, kind: name.startsWith("video") ? "video" : "audio", rows, inits };
  } catch {
    return undefined;
  }
}

async function readInit(folder: string, run: number): Promise<RunInit> {
  const bytes = await readFile(join(folder, initName(run)));
  return { run, bytes, info: parseInit(bytes) };
}

/** The rows up to the last whose file is there and whole. One before it that is not, after a power cut, is a gap. */
async function thatAreThere(folder: string, rows: readonly SegmentRow[]): Promise<SegmentRow[]> {
  const checked: SegmentRow[] = [];
  for (const row of rows) checked.push(await asItIs(folder, row));
  const last = checked.findLastIndex((row, index) => row.gap === rows[index]?.gap);
  return checked.slice(0, last + 1);
}

async function asItIs(folder: string, row: SegmentRow): Promise<SegmentRow> {
  if (row.gap) return row;
  const found = await stat(join(folder, segmentName(row.run, row.number))).catch(() => undefined);
  return found?.size === row.bytes ? row : { ...row, bytes: 0, samples: 0, gap: true };
}

/**
 * Cuts all tracks behind the same segment, and fills with gaps what those that are being made lack before it. All
 * pictures come from one encoder, so the slowest counts however far behind it is; a silent sound does not.
 */
function aligned(tracks: readonly PastTrack[], active: readonly string[]): PastTrack[] {
  const rows = tracks.flatMap((track) => track.rows);
  if (rows.length === 0) return [];
  const furthest = Math.max(...rows.map(({ number }) => number));
  const newestRun = Math.max(...rows.map(({ run }) => run));
  const first = Math.min(...rows.filter(({ run }) => run === newestRun).map(({ number }) => number));
  const lasts = active.map((name) => ({
    isPicture: name.startsWith("video"),
    // A track that has nothing yet would have begun with the newest run.
    number: tracks.find((track) => track.name === name)?.rows.at(-1)?.number ?? first - 1,
  }));
  const keepingUp = lasts.filter(({ isPicture, number }) => isPicture || number > furthest - SEGMENTS_APART);
  const cut = Math.min(furthest, ...keepingUp.map(({ number }) => number));
  const cutTracks = tracks.map((track) => ({ ...track, rows: track.rows.filter(({ number }) => number <= cut) }));
  const filled = cutTracks.map((track) => (active.includes(track.name) ? withGaps(track, cut, cutTracks) : track));
  return filled.filter(({ rows }) => rows.length > 0).map(withoutIdleInits);
}

/** A run of which nothing stays needs no init segment. */
function withoutIdleInits(track: PastTrack): PastTrack {
  return { ...track, inits: track.inits.filter((init) => track.rows.some(({ run }) => run === init.run)) };
}

function withGaps(track: PastTrack, cut: number, all: readonly PastTrack[]): PastTrack {
  const last = track.rows.at(-1);
  if (last === undefined || last.number === cut) return track;
  const timescale = timescaleOf(track, last.run);
  const missing = new Map<number, SegmentRow>();
  for (const other of all) {
    for (const row of other.rows.filter(({ number }) => number > last.number)) {
      const seconds = row.duration / timescaleOf(other, row.run);
      missing.set(row.number, gapLike(row, { run: last.run, timescale, seconds }));
    }
  }
  return { ...track, rows: [...track.rows, ...[...missing.values()].toSorted((a, b) => a.number - b.number)] };
}

/** A gap in the place of another track's segment. */
function gapLike(
  { number, boundary }: SegmentRow,
  { run, timescale, seconds }: { run: number; timescale: number; seconds: number },
): SegmentRow {
  const start = Math.round(boundary.time * timescale);
  const duration = Math.round(seconds * timescale);
  return { number, run, start, duration, bytes: 0, samples: 0, boundary, gap: true };
}

function timescaleOf(track: PastTrack, run: number): number {
  return track.inits.find((init) => init.run === run)?.info.timescale ?? 1;
}

/** Removes the media that no playlist will list. */
async function removeOthers(folder: string, tracks: readonly PastTrack[]): Promise<void> {
  for (const name of await trackFolders(folder)) {
    const track = tracks.find((each) => each.name === name);
    const wanted = new Set(track?.inits.map(({ run }) => initName(run)));
    for (const { run, number, gap } of track?.rows ?? []) if (!gap) wanted.add(segmentName(run, number));
    const files = await readdir(join(folder, name), { recursive: true, withFileTypes: true });
    for (const file of files.filter((each) => each.isFile())) {
      const path = join(file.parentPath, file.name);
      if (!wanted.has(relative(join(folder, name), path))) await rm(path, { force: true });
    }
  }
}

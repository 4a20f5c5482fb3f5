import {
  formatMpd,
  type MpdAdaptationSet,
  type MpdPeriod,
  type MpdReferenceTime,
  type MpdRepresentation,
  type MpdSegments,
} from "../media/mpd.ts";
import { factsOfRows } from "./facts.ts";
import { type Extent, initName, segmentName } from "./hls.ts";
import type { NumberGrid } from "./number-grid.ts";
import type { Presentation } from "./presentation.ts";
import type { SegmentRow } from "./segment.ts";
import type { Track } from "./track.ts";

/** A player that waits for whole segments stays this many behind the newest. */
const SEGMENTS_BEHIND = 2;

/** Where a manifest lies and what it lists. */
export interface ManifestOptions {
  readonly extent: Extent;
  /** From the manifest to the tracks' folders: "" or "BROADCAST/". */
  readonly folder: string;
  /** Address of the server's clock. */
  readonly clockUrl: string;
  /** Unix time in ms. */
  readonly nowMs: number;
}

/** A stretch of one track without a discontinuity and from one run of the encoder. */
interface Stretch {
  readonly track: Track;
  readonly rows: readonly [SegmentRow, ...SegmentRow[]];
}

/** The manifest (ISO/IEC 23009-1): dynamic while the broadcast is live, static after it. One Period per discontinuity. */
export function manifest(presentation: Presentation, options: ManifestOptions): string {
  const { tracks, ended } = presentation;
  const rowsOf = (track: Track) => (options.extent === "all" ? track.window.rows : track.window.listed);
  const stretches = tracks.flatMap((track) => stretchesOf(track, rowsOf(track)));
  const keys = [...new Set(stretches.map(({ rows }) => rows[0].boundary.discontinuities))].toSorted((a, b) => a - b);
  const grid = ended ? undefined : presentation.grids.newest(tracks);
  const isRecording = options.extent === "all";
  // What is recorded begins at 0. What can be watched live keeps the broadcast's own times, also after its end, for
  // those who are watching; and it keeps where periods began although their first segments leave the window.
  const start = isRecording ? startOf(stretches) : 0;
  const ofKey = (key: number) => stretches.filter(({ rows }) => rows[0].boundary.discontinuities === key);
  const begins = keys.map((key) => (isRecording ? startOf(ofKey(key)) : beginOf(presentation, key)));
  const periods = keys.map((key, index) =>
    period(`p${key}`, ofKey(key), {
      begin: begins[index] ?? start,
      next: begins[index + 1],
      start,
      folder: options.folder,
      grid: index === keys.length - 1 ? grid : undefined,
      live: !ended,
    }),
  );
  return formatMpd({
    periods,
    maxSegmentSeconds: presentation.targetSeconds,
    live: ended
      ? { durationSeconds: endOf(stretches) - start }
      : {
          availabilityStartMs: zeroMs(presentation),
          publishedMs: options.nowMs,
          windowSeconds: Math.min(presentation.windowSeconds, endOf(stretches) - startOf(stretches)),
          delaySeconds: presentation.targetSeconds * SEGMENTS_BEHIND,
          clockUrl: options.clockUrl,
          lowLatency: grid !== undefined,
        },
  });
}

/** Splits at discontinuities; within them a change of run that keeps the timeline keeps the first run's init segment. */
function stretchesOf(track: Track, rows: readonly SegmentRow[]): Stretch[] {
  const groups = new Map<number, [SegmentRow, ...SegmentRow[]]>();
  for (const row of rows) {
    const group = groups.get(row.boundary.discontinuities);
    if (group === undefined) groups.set(row.boundary.discontinuities, [row]);
    else group.push(row);
  }
  return [...groups.values()].map((group) => ({ track, rows: group }));
}

/** Where a period lies, in seconds on the broadcast's timeline. */
interface PeriodPlace {
  readonly begin: number;
  /** Where the next one begins; undefined for the last. */
  readonly next: number | undefined;
  /** Where the presentation begins. */
  readonly start: number;
  readonly folder: string;
  /** Its segments can be told by their numbers. */
  readonly grid: NumberGrid | undefined;
  readonly live: boolean;
}

function period(id: string, stretches: readonly Stretch[], place: PeriodPlace): MpdPeriod {
  const { begin, next, start, live } = place;
  const sets = (["video", "audio"] as const).flatMap((kind): MpdAdaptationSet[] => {
    const own = stretches.filter(({ track }) => track.kind === kind);
    const [first] = own;
    if (first === undefined) return [];
    const referenceTime = live ? referenceTimeOf(first) : undefined;
    return [{ kind, referenceTime, representations: own.flatMap((stretch) => representation(stretch, place)) }];
  });
  // Said, because a player that reckons with the next start waits for a last segment that never was.
  const durationSeconds = next === undefined ? undefined : Math.min(endOf(stretches), next) - begin;
  return { id, startSeconds: begin - start, durationSeconds, sets };
}

function representation({ track, rows }: Stretch, { begin, folder, grid }: PeriodPlace): MpdRepresentation[] {
  const facts = factsOfRows(track, rows);
  const { run } = rows[0];
  const init = track.window.init(run);
  if (facts === undefined || init === undefined) return [];
  const { timescale } = init.info;
  return [
    {
      id: track.name,
      codecs: facts.codecs,
      bandwidth: facts.bandwidth,
      size: facts.size,
      frameRate: facts.frameRate,
      sampleRate: facts.sampleRate,
      channels: facts.channels,
      timescale,
      presentationTimeOffset: Math.round(begin * timescale),
      initUri: `${folder}${track.name}/${initName(run)}`,
      mediaUri: `${folder}${track.name}/${segmentName(run, "$Number$")}`,
      segments: grid === undefined ? listed(rows) : numbered(grid, track),
    },
  ];
}

function listed(rows: Stretch["rows"]): MpdSegments {
  return { firstNumber: rows[0].number, timeline: rows.map(({ start, duration }) => ({ start, duration })) };
}

/** A segment can be asked for when its first chunk is there, which is not later than its nominal start and a chunk. */
function numbered(grid: NumberGrid, track: Track): MpdSegments {
  return {
    firstNumber: grid.number,
    duration: Math.round(grid.seconds * (track.init?.info.timescale ?? 1)),
    availableEarlySeconds: Math.max(0, grid.seconds - track.chunkSeconds) + grid.early,
  };
}

/** The newest moment of a track of which we know when it came to the encoder. */
function referenceTimeOf({ track, rows }: Stretch): MpdReferenceTime {
  const { boundary, start, run } = rows.at(-1) ?? rows[0];
  const timescale = track.window.init(run)?.info.timescale ?? 1;
  return { mediaTime: start, wallMs: boundary.wallMs + (start / timescale - boundary.time) * 1000 };
}

/** Unix time in ms of 0 on the broadcast's timeline. */
function zeroMs({ tracks }: Presentation): number {
  const boundaries = tracks.flatMap((track) => track.window.rows[0]?.boundary ?? []);
  const [first] = boundaries.toSorted((a, b) => a.time - b.time);
  return first === undefined ? 0 : first.wallMs - first.time * 1000;
}

/** Where a period begins, whether its first segments are still listed or not. */
function beginOf({ grids, tracks }: Presentation, discontinuities: number): number {
  const firsts = tracks.flatMap((track) => track.window.firstAfterBreak(discontinuities)?.boundary.time ?? []);
  return grids.startOf(discontinuities) ?? Math.min(...firsts);
}

function startOf(stretches: readonly Stretch[]): number {
  return Math.min(...stretches.map(({ rows }) => rows[0].boundary.time));
}

function endOf(stretches: readonly Stretch[]): number {
  const ends = stretches.map(({ track, rows }) => {
    const last = rows.at(-1) ?? rows[0];
    return (last.start + last.duration) / (track.window.init(last.run)?.info.timescale ?? 1);
  });
  return Math.max(...ends);
}

import {
  formatMpd,
  type MpdAdaptationSet,
  type MpdEventStream,
  type MpdPeriod,
  type MpdReferenceTime,
  type MpdRepresentation,
  type MpdSegments,
} from "../media/mpd.ts";
import { EVENT_SCHEME, periodEventOf } from "./date-ranges.ts";
import { factsOfRun } from "./facts.ts";
import { type Extent, initName, segmentName } from "./hls.ts";
import { periodImages } from "./image-tracks.ts";
import type { MediaEvent } from "./media-events.ts";
import { type NumberGrid, newestStretch } from "./number-grid.ts";
import type { Presentation } from "./presentation.ts";
import type { SegmentRow } from "./segment.ts";
import type { TileTrack } from "./tiles.ts";
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
  /** Preview images of a recording. */
  readonly images?: TileTrack | undefined;
}

/** A stretch of one track without a discontinuity and from one run of the encoder. */
interface Stretch {
  readonly track: Track;
  /** How many discontinuities lie before it. */
  readonly discontinuities: number;
  readonly run: number;
  /** What is complete of it. */
  readonly rows: readonly SegmentRow[];
}

/** The manifest (ISO/IEC 23009-1): dynamic while the broadcast is live, static after it. One Period per discontinuity. */
export function manifest(presentation: Presentation, options: ManifestOptions): string {
  const { tracks, ended } = presentation;
  const isRecording = options.extent === "all";
  // A recording lists what is complete.
  const grid = ended || isRecording ? undefined : presentation.grids.newest(tracks);
  // Not before all tracks have begun it: what comes later to a period is not taken up by players.
  const begun = tracks.every((track) => newestStretch(track) === grid?.discontinuities) ? grid : undefined;
  const stretches = presentation.allTracks.flatMap((track) => stretchesOf(track, options.extent, begun));
  const keys = [...new Set(stretches.map(({ discontinuities }) => discontinuities))].toSorted((a, b) => a - b);
  // What is recorded begins at 0. What can be watched live keeps the broadcast's own times, also after its end, for
  // those who are watching; and it keeps where periods began although their first segments leave the window.
  const start = isRecording ? startOf(stretches) : 0;
  const ofKey = (key: number) => stretches.filter(({ discontinuities }) => discontinuities === key);
  const begins = keys.map((key) => (isRecording ? startOf(ofKey(key)) : beginOf(presentation, key)));
  const events = isRecording ? presentation.events.marks : presentation.events.marksFrom(startOf(stretches));
  const imagesOf = options.images && periodImages(presentation, options.images);
  const periods = keys.map((key, index) => {
    const begin = begins[index] ?? start;
    const place = {
      begin,
      next: begins[index + 1],
      start,
      folder: options.folder,
      grid: grid?.discontinuities === key ? grid : undefined,
      live: !ended,
      events,
    };
    return { ...period(`p${key}`, ofKey(key), place), images: imagesOf?.(key, begin) };
  });
  return formatMpd({
    periods,
    maxSegmentSeconds: longestSegment(presentation.targetSeconds, grid),
    live: ended
      ? { durationSeconds: endOf(stretches) - start }
      : {
          availabilityStartMs: zeroMs(presentation) + start * 1000,
          publishedMs: options.nowMs,
          windowSeconds: windowOf(presentation, options.extent, endOf(stretches) - startOf(stretches)),
          delaySeconds: presentation.targetSeconds * SEGMENTS_BEHIND,
          clockUrl: options.clockUrl,
          lowLatency: grid !== undefined && keys.includes(grid.discontinuities),
        },
  });
}

/**
 * Splits at discontinuities; within them a change of run that keeps the timeline keeps the first run's init segment.
 * Where segments are told by their numbers, a stretch begins with the segment that is being made.
 */
function stretchesOf(track: Track, extent: Extent, begun: NumberGrid | undefined): Stretch[] {
  const { window, open } = track;
  const groups = new Map<number, Stretch & { rows: SegmentRow[] }>();
  for (const row of extent === "all" ? window.rows : window.listed) {
    const { discontinuities } = row.boundary;
    const group = groups.get(discontinuities);
    if (group === undefined) groups.set(discontinuities, { track, discontinuities, run: row.run, rows: [row] });
    else group.rows.push(row);
  }
  const discontinuities = begun?.discontinuities;
  if (discontinuities !== undefined && open !== undefined && !groups.has(discontinuities)) {
    groups.set(discontinuities, { track, discontinuities, run: open.init.run, rows: [] });
  }
  return [...groups.values()].flatMap(withoutGaps);
}

/**
 * DASH has no word for a segment that is not there. At the ends of a stretch it is left out, with the whole stretch where
 * nothing else is; between others players come to know by themselves, as numbers must go on.
 */
function withoutGaps(stretch: Stretch): Stretch[] {
  const { rows } = stretch;
  const first = rows.findIndex(({ gap }) => !gap);
  const last = rows.findLastIndex(({ gap }) => !gap);
  return first < 0 && rows.length > 0 ? [] : [{ ...stretch, rows: rows.slice(Math.max(0, first), last + 1) }];
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
  /** Of the whole manifest. */
  readonly events: readonly MediaEvent[];
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
  const eventStream = eventStreamOf(place);
  return { id, startSeconds: begin - start, durationSeconds, eventStream, sets };
}

/** What begins in the period, and what began before it and reaches into it. */
function eventStreamOf({ begin, next = Number.POSITIVE_INFINITY, events }: PeriodPlace): MpdEventStream | undefined {
  const own = events.filter(({ startMs, durationMs }) => {
    const end = durationMs === null ? Number.POSITIVE_INFINITY : startMs + durationMs;
    return startMs < next * 1000 && (startMs >= begin * 1000 || end > begin * 1000);
  });
  if (own.length === 0) return undefined;
  return { scheme: EVENT_SCHEME, events: own.map((event) => periodEventOf(event, begin)) };
}

function representation({ track, run, rows }: Stretch, { begin, folder, grid }: PeriodPlace): MpdRepresentation[] {
  const facts = factsOfRun(track, run, rows);
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

function listed(rows: readonly SegmentRow[]): MpdSegments {
  return { firstNumber: rows[0]?.number ?? 0, timeline: rows.map(({ start, duration }) => ({ start, duration })) };
}

/** How far back players may go, in seconds; `length` is of all that is listed. */
function windowOf({ windowSeconds, targetSeconds }: Presentation, extent: Extent, length: number): number {
  // By the time that a player has it, there is more.
  return extent === "all" ? length + targetSeconds * SEGMENTS_BEHIND : Math.min(windowSeconds, length);
}

/** HLS rounds its target, DASH does not: cut at the nearest frame, a segment may be a little longer than the grid's. */
function longestSegment(targetSeconds: number, grid: NumberGrid | undefined): number {
  return grid === undefined ? targetSeconds : Math.max(targetSeconds, grid.seconds + grid.early);
}

/** A segment can be asked for when its first chunk can be there, if it begins as early as it may. */
function numbered(grid: NumberGrid, track: Track): MpdSegments {
  return {
    firstNumber: grid.number,
    duration: Math.round(grid.seconds * (track.init?.info.timescale ?? 1)),
    availableEarlySeconds: Math.max(0, grid.seconds - track.firstChunkSeconds) + grid.early,
  };
}

/** The newest moment of a track of which we know when it came to the encoder. */
function referenceTimeOf({ track, run, rows }: Stretch): MpdReferenceTime | undefined {
  const timescale = track.window.init(run)?.info.timescale ?? 1;
  const newest = rows.at(-1) ?? track.open;
  if (newest?.start === undefined) return undefined;
  const { boundary, start } = newest;
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
  return Math.min(...stretches.flatMap(({ rows }) => rows[0]?.boundary.time ?? []));
}

function endOf(stretches: readonly Stretch[]): number {
  const ends = stretches.flatMap(({ track, run, rows }) => {
    const last = rows.at(-1);
    return last === undefined ? [] : (last.start + last.duration) / (track.window.init(run)?.info.timescale ?? 1);
  });
  return Math.max(...ends);
}

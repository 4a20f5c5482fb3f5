import { formatMpd, type MpdAdaptationSet, type MpdPeriod, type MpdRepresentation } from "../media/mpd.ts";
import { factsOf } from "./facts.ts";
import { type Extent, initName, segmentName } from "./hls.ts";
import type { Presentation } from "./presentation.ts";
import type { SegmentRow } from "./segment.ts";
import type { Track } from "./track.ts";

/** A player stays this many segments behind the newest that is listed. */
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
  const tracks = presentation.tracks;
  const rowsOf = (track: Track) => (options.extent === "all" ? track.window.rows : track.window.listed);
  const stretches = tracks.flatMap((track) => stretchesOf(track, rowsOf(track)));
  const keys = [...new Set(stretches.map(({ rows }) => rows[0].boundary.discontinuities))].toSorted((a, b) => a - b);
  const origin = firstBoundary(tracks);
  // What is finished begins at 0; what is live begins where the broadcast did.
  const start = presentation.ended ? startOf(stretches) : origin.time;
  const ofKey = (key: number) => stretches.filter(({ rows }) => rows[0].boundary.discontinuities === key);
  // While live, a period keeps its start although its first segments leave the window.
  const begins = keys.map((key) => (presentation.ended ? startOf(ofKey(key)) : beginOf(tracks, key)));
  const periods = keys.map((key, index) =>
    period(`p${key}`, ofKey(key), {
      begin: begins[index] ?? start,
      next: begins[index + 1],
      start,
      folder: options.folder,
    }),
  );
  return formatMpd({
    periods,
    maxSegmentSeconds: presentation.targetSeconds,
    live: presentation.ended
      ? { durationSeconds: endOf(stretches) - start }
      : {
          availabilityStartMs: origin.wallMs,
          publishedMs: options.nowMs,
          windowSeconds: presentation.windowSeconds,
          delaySeconds: presentation.targetSeconds * SEGMENTS_BEHIND,
          clockUrl: options.clockUrl,
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
}

function period(id: string, stretches: readonly Stretch[], { begin, next, start, folder }: PeriodPlace): MpdPeriod {
  const sets = (["video", "audio"] as const).flatMap((kind): MpdAdaptationSet[] => {
    const own = stretches.filter(({ track }) => track.kind === kind);
    return own.length === 0
      ? []
      : [{ kind, representations: own.flatMap((stretch) => representation(stretch, begin, folder)) }];
  });
  // Said, because a player that reckons with the next start waits for a last segment that never was.
  const durationSeconds = next === undefined ? undefined : Math.min(endOf(stretches), next) - begin;
  return { id, startSeconds: begin - start, durationSeconds, sets };
}

function representation({ track, rows }: Stretch, begin: number, folder: string): MpdRepresentation[] {
  const facts = factsOf(track);
  const { run, number } = rows[0];
  const init = track.window.init(run);
  if (facts === undefined || init === undefined) return [];
  const { timescale, codecs, width, height } = init.info;
  return [
    {
      id: track.name,
      codecs,
      bandwidth: facts.bandwidth,
      size: width === undefined || height === undefined ? undefined : { width, height },
      frameRate: facts.frameRate,
      sampleRate: facts.sampleRate,
      channels: facts.channels,
      timescale,
      presentationTimeOffset: Math.round(begin * timescale),
      initUri: `${folder}${track.name}/${initName(run)}`,
      mediaUri: `${folder}${track.name}/${segmentName(run, "$Number$")}`,
      firstNumber: number,
      segments: rows.map(({ start, duration }) => ({ start, duration })),
    },
  ];
}

function firstBoundary(tracks: readonly Track[]): { time: number; wallMs: number } {
  const boundaries = tracks.flatMap((track) => track.window.rows[0]?.boundary ?? []);
  const [first] = boundaries.toSorted((a, b) => a.time - b.time);
  return first ?? { time: 0, wallMs: 0 };
}

/** Where a period begins, whether its first segments are still listed or not. */
function beginOf(tracks: readonly Track[], discontinuities: number): number {
  return Math.min(...tracks.flatMap((track) => track.window.firstAfterBreak(discontinuities)?.boundary.time ?? []));
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

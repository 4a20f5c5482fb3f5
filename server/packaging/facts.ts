import type { RunInit, SegmentRow } from "./segment.ts";
import type { Track } from "./track.ts";

/** Frame rates that cameras and films have; a measured rate this close to one of them is that one. */
const COMMON_RATES = [5, 10, 12, 15, 20, 24_000 / 1001, 24, 25, 30_000 / 1001, 30, 48, 50, 60_000 / 1001, 60, 90, 120];
const RATE_TOLERANCE = 0.04;
/** Segments that are looked at: enough to tell 30 from 29.97, and soon forgotten when a publisher changes something. */
const SEGMENTS_COUNTED = 5;

/** What a manifest says of a track, measured from its segments. */
export interface TrackFacts {
  readonly codecs: string;
  readonly size: { readonly width: number; readonly height: number } | undefined;
  /** Frames per second; undefined for sound. */
  readonly frameRate: number | undefined;
  readonly sampleRate: number | undefined;
  readonly channels: number | undefined;
  /** The highest bit rate of any segment so far, in bit/s. */
  readonly bandwidth: number;
  readonly averageBandwidth: number;
}

/** Measures a track that has an init segment, by its newest segments; undefined when it has none. */
export function factsOf(track: Track): TrackFacts | undefined {
  const { init } = track;
  return init && measured(track, init, track.window.rows.slice(-SEGMENTS_COUNTED));
}

/** The same for one run of the encoder, by some of its segments. */
export function factsOfRun(track: Track, run: number, rows: readonly SegmentRow[]): TrackFacts | undefined {
  const init = track.window.init(run);
  return init && measured(track, init, rows.slice(-SEGMENTS_COUNTED));
}

function measured(track: Track, { info }: RunInit, newest: readonly SegmentRow[]): TrackFacts {
  const { width, height, sampleRate, channels, codecs, timescale } = info;
  const discontinuities = newest.at(-1)?.boundary.discontinuities;
  const rows = newest.filter((row) => !row.gap && row.boundary.discontinuities === discontinuities);
  return {
    codecs,
    size: width === undefined || height === undefined ? undefined : { width, height },
    frameRate: track.kind === "video" ? frameRate(rows, timescale) : undefined,
    sampleRate,
    channels,
    bandwidth: Math.max(1, track.window.peakBitrate),
    averageBandwidth: Math.max(1, averageBitrate(rows, timescale)),
  };
}

function averageBitrate(rows: readonly SegmentRow[], timescale: number): number {
  const ticks = rows.reduce((sum, row) => sum + row.duration, 0);
  const bytes = rows.reduce((sum, row) => sum + row.bytes, 0);
  return ticks === 0 ? 0 : Math.round((bytes * 8 * timescale) / ticks);
}

function frameRate(rows: readonly SegmentRow[], timescale: number): number | undefined {
  const ticks = rows.reduce((sum, row) => sum + row.duration, 0);
  const samples = rows.reduce((sum, row) => sum + row.samples, 0);
  if (ticks === 0) return undefined;
  const measured = (samples * timescale) / ticks;
  const [nearest] = COMMON_RATES.toSorted((a, b) => Math.abs(a - measured) - Math.abs(b - measured));
  const isClose = nearest !== undefined && Math.abs(nearest - measured) <= nearest * RATE_TOLERANCE;
  return isClose ? nearest : Math.max(1, Math.round(measured));
}

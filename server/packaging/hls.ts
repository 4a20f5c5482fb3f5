import {
  formatMediaPlaylist,
  type LowLatency,
  type PlaylistPart,
  type PlaylistSegment,
  type RenditionReport,
  type SegmentHead,
  SKIP_BOUNDARY_TARGETS,
} from "../media/m3u8.ts";
import { type AudioMedia, formatMultivariantPlaylist, type Variant } from "../media/m3u8-multivariant.ts";
import { dateRangeOf } from "./date-ranges.ts";
import { edgeOf } from "./edge.ts";
import { factsOf } from "./facts.ts";
import { imageMedia } from "./image-tracks.ts";
import type { Presentation } from "./presentation.ts";
import type { Part, SegmentRow } from "./segment.ts";
import type { TileTrack } from "./tiles.ts";
import type { Track } from "./track.ts";

/** Which segments a playlist or manifest lists: those of the window, or all of a finished recording. */
export type Extent = "window" | "all";

/** File names below a track's folder; the same live and in a recording. */
export const initName = (run: number) => `${run}/init.mp4`;
export const segmentName = (run: number, number: number | string) => `${run}/${number}.m4s`;
/**
 * Parts are counted on over the ends of segments: so the next one's address is known before anybody knows whether it
 * will belong to this segment or begin the next, and a preload hint is never wrong.
 */
export const partName = (run: number, number: number) => `${run}/part${number}.m4s`;
/** A track's media playlist, in its folder. */
export const PLAYLIST_NAME = "playlist.m3u8";

/** Parts are listed for the newest segments, this many target durations of them (RFC 8216bis §4.4.4.9). */
const PARTS_LISTED_TARGETS = 3;
/** PART-HOLD-BACK in part targets: what Apple's authoring rules ask for, and no more. */
const PART_HOLD_BACK_TARGETS = 3;

/** The media playlist of a recorded track, with everything that it ever had. Addresses are relative to its folder. */
export function recordedPlaylist(presentation: Presentation, track: Track): string {
  const { rows } = track.window;
  return formatMediaPlaylist({
    targetSeconds: presentation.targetSeconds,
    firstNumber: rows[0]?.number ?? 0,
    ended: presentation.ended,
    type: presentation.ended ? "VOD" : "EVENT",
    segments: rows.map((row) => segmentOf(track, row, [])),
    dateRanges: presentation.events.marks.map(dateRangeOf),
  });
}

/**
 * The media playlist of a track that can be watched live, for players that know of parts and for those that do not. A
 * `delta` leaves out what a player has that asks for one; it is the whole playlist when there is nothing to leave out.
 */
export function livePlaylist(presentation: Presentation, track: Track, delta = false): string {
  const { targetSeconds, ended } = presentation;
  const rows = track.window.listed;
  const end = track.listedEnd;
  const partsFrom = end - PARTS_LISTED_TARGETS * targetSeconds;
  const skippedTo = end - SKIP_BOUNDARY_TARGETS * targetSeconds;
  const partsOf = (row: SegmentRow) => (endOf(track, row) > partsFrom ? track.partsOf(row) : []);
  const segments = rows.map((row) => segmentOf(track, row, partLines(track, partsOf(row))));
  const skip = delta && !ended ? rows.filter((row) => endOf(track, row) < skippedTo).length : 0;
  return formatMediaPlaylist({
    targetSeconds,
    firstNumber: rows[0]?.number ?? track.open?.boundary.number ?? (track.window.last?.number ?? -1) + 1,
    ended,
    segments,
    dateRanges: presentation.events.marksFrom(rows[0]?.boundary.time ?? end).map(dateRangeOf),
    lowLatency: lowLatency(presentation, track, skip),
  });
}

function lowLatency(presentation: Presentation, track: Track, skip: number): LowLatency {
  const { open, next, partTargetSeconds } = track;
  const longest = Math.max(...presentation.begun.map((each) => each.partTargetSeconds));
  const parts = partLines(track, open?.parts ?? []);
  return {
    partTargetSeconds,
    // The same in all playlists of a broadcast (§6.2.4).
    holdBackSeconds: PART_HOLD_BACK_TARGETS * longest,
    open: open && headOf(track, { run: open.init.run, start: open.start, boundary: open.boundary }, parts),
    hintUri: next && partName(next.run, next.part),
    reports: presentation.tracks.filter((other) => other !== track).flatMap(reportOf),
    skip,
  };
}

function segmentOf(track: Track, row: SegmentRow, parts: readonly PlaylistPart[]): PlaylistSegment {
  return {
    ...headOf(track, row, parts),
    uri: segmentName(row.run, row.number),
    seconds: row.duration / timescaleOf(track),
    gap: row.gap,
  };
}

function headOf(
  track: Track,
  { run, start, boundary }: Pick<SegmentRow, "run" | "start" | "boundary">,
  parts: readonly PlaylistPart[],
): SegmentHead {
  const timescale = timescaleOf(track);
  return {
    mapUri: initName(run),
    discontinuities: boundary.discontinuities,
    wallMs: boundary.wallMs + (start / timescale - boundary.time) * 1000,
    parts,
  };
}

/** The last frame before a pause is a part of its own and lasts as long as the pause; that much cannot be promised. */
function partLines(track: Track, parts: readonly Part[]): PlaylistPart[] {
  return parts.map(({ number, run, duration, independent }) => ({
    uri: partName(run, number),
    seconds: Math.min(duration / timescaleOf(track), track.partTargetSeconds),
    independent,
  }));
}

function reportOf(track: Track): RenditionReport[] {
  const edge = edgeOf(track);
  if (edge === undefined) return [];
  return [{ uri: `../${track.name}/${PLAYLIST_NAME}`, lastNumber: edge.segment, lastPart: edge.part }];
}

function endOf(track: Track, row: SegmentRow): number {
  return row.boundary.time + row.duration / timescaleOf(track);
}

function timescaleOf(track: Track): number {
  return track.init?.info.timescale ?? 1;
}

/**
 * The multivariant playlist. `folder` leads from it to the tracks' folders: "" or "BROADCAST/"; `images` are the preview
 * images of a recording.
 */
export function multivariantPlaylist(presentation: Presentation, folder: string, images?: TileTrack): string {
  const known = presentation.tracks.flatMap((track) => {
    const facts = factsOf(track);
    return facts === undefined ? [] : [{ track, facts, uri: `${folder}${track.name}/${PLAYLIST_NAME}` }];
  });
  const pictures = known.filter(({ track }) => track.kind === "video");
  const sounds = known.filter(({ track }) => track.kind === "audio");
  const sound = pictures.length > 0 ? sounds[0] : undefined;
  const variants: Variant[] = (pictures.length > 0 ? pictures : sounds).map(({ facts, uri }) => ({
    uri,
    bandwidth: facts.bandwidth + (sound?.facts.bandwidth ?? 0),
    averageBandwidth: facts.averageBandwidth + (sound?.facts.averageBandwidth ?? 0),
    codecs: [facts.codecs, ...(sound === undefined ? [] : [sound.facts.codecs])],
    size: facts.size,
    frameRate: facts.frameRate,
  }));
  const audio: AudioMedia[] =
    sound === undefined ? [] : [{ uri: sound.uri, name: "Sound", channels: sound.facts.channels }];
  return formatMultivariantPlaylist(variants, audio, images && imageMedia(presentation, images));
}

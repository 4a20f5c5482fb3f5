import type { Track } from "./track.ts";

/** What a blocking reload waits for: a segment, or a part of it by its index (RFC 8216bis §6.2.5.2). */
export interface WantedEdge {
  readonly segment: number;
  readonly part: number | undefined;
}

/** The newest part of a track: its segment's number, and its index in there. */
export interface Edge {
  readonly segment: number;
  readonly part: number | undefined;
}

/** Segments ahead of the newest complete one that may be waited for. */
const SEGMENTS_AHEAD = 2;
/** Seconds of parts that may be waited for where parts are shorter than a second; the Advance Part Limit. */
const ADVANCE_SECONDS = 3;

/** Where a track's playlist ends. */
export function edgeOf(track: Track): Edge | undefined {
  const { open, window } = track;
  if (open !== undefined && open.parts.length > 0) {
    return { segment: open.boundary.number, part: open.parts.length - 1 };
  }
  const last = window.last;
  if (last === undefined) return undefined;
  const parts = track.partsOf(last).length;
  return { segment: last.number, part: parts === 0 ? undefined : parts - 1 };
}

/**
 * Whether a playlist written now has what was waited for. A segment without a part counts as its first part: Safari asks
 * like that, and to let it wait for the whole segment would stop it.
 */
export function isListed(track: Track, { segment, part }: WantedEdge): boolean {
  const { open, window } = track;
  const last = window.last?.number ?? Number.NEGATIVE_INFINITY;
  if (segment < last) return true;
  if (segment > last) return open?.boundary.number === segment && open.parts.length > (part ?? 0);
  if (part === undefined || part < partsInLast(track)) return true;
  // Past the last part of a segment means the first of the next.
  return open !== undefined && open.boundary.number > last && open.parts.length > 0;
}

/** Whether something is further ahead than players may wait for. */
export function isTooFar(track: Track, { segment, part }: WantedEdge): boolean {
  const { open, window, partTargetSeconds } = track;
  const last = window.last?.number ?? (open?.boundary.number ?? 0) - 1;
  if (segment > last + SEGMENTS_AHEAD) return true;
  if (part === undefined) return false;
  const limit = partTargetSeconds < 1 ? ADVANCE_SECONDS / partTargetSeconds : ADVANCE_SECONDS;
  const known = segment === open?.boundary.number ? open.parts.length : segment === last ? partsInLast(track) : 0;
  return part - (known - 1) > limit;
}

function partsInLast(track: Track): number {
  const { last } = track.window;
  return last === undefined ? 0 : track.partsOf(last).length;
}

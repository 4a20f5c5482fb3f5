/** A stretch of media that can be played without a break, in seconds. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

/** Positions this close to a range's end are at it: the last picture is shown and no next one comes. */
const AT_END_SECONDS = 0.05;
/** Into a range by this much, so that rounding does not leave the position before it. */
const INTO_SECONDS = 0.001;

/** Reads what a video element has. */
export function rangesOf(buffered: TimeRanges): Range[] {
  return Array.from({ length: buffered.length }, (_, index) => ({
    start: buffered.start(index),
    end: buffered.end(index),
  }));
}

/** The range that a position lies in. */
export function rangeAt(ranges: readonly Range[], position: number): Range | undefined {
  return ranges.find(({ start, end }) => start <= position && position <= end);
}

/** Where to go on when the position stands before a hole: the beginning of the next range; undefined when it does not. */
export function overHole(ranges: readonly Range[], position: number): number | undefined {
  const here = ranges.find(({ start, end }) => start <= position && position < end - AT_END_SECONDS);
  if (here !== undefined) return undefined;
  const next = ranges.find(({ start }) => start > position);
  return next === undefined ? undefined : next.start + INTO_SECONDS;
}

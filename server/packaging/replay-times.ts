import type { Track } from "./track.ts";

/**
 * Where moments of the broadcast's timeline lie for a player of the recording: it plays one segment after the other,
 * also over a break in which nothing was published.
 */
export function replayTimes(track: Track): {
  readonly length: number;
  readonly placeOf: (seconds: number) => number;
} {
  const places: { readonly begin: number; readonly end: number; readonly place: number }[] = [];
  let length = 0;
  for (const { run, start, duration } of track.window.rows) {
    const timescale = track.window.init(run)?.info.timescale ?? 1;
    const begin = start / timescale;
    places.push({ begin, end: begin + duration / timescale, place: length });
    length += duration / timescale;
  }
  const placeOf = (seconds: number) => {
    const row = places.findLast(({ begin }) => begin <= seconds);
    return row === undefined ? 0 : row.place + Math.min(seconds, row.end) - row.begin;
  };
  return { length, placeOf };
}

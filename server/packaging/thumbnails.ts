import { formatWebVtt } from "../media/webvtt.ts";
import type { Presentation } from "./presentation.ts";
import type { Track } from "./track.ts";

/**
 * A WebVTT track of a finished recording whose cues are the names of preview images, in the folder that it is in:
 * players show them above their seek bars. Undefined without a picture.
 */
export function thumbnailTrack(presentation: Presentation, times: readonly number[]): string | undefined {
  const picture = presentation.tracks.find(({ kind }) => kind === "video");
  if (picture === undefined) return undefined;
  const { length, placeOf } = replayTimes(picture);
  const starts = times.map((seconds) => placeOf(seconds));
  const cues = starts.flatMap((start, number) => {
    const end = starts[number + 1] ?? length;
    // What is in no segment is never played.
    return end > start ? [{ start: number === 0 ? 0 : start, end, text: `${number}.jpg` }] : [];
  });
  return formatWebVtt(cues);
}

/**
 * Where moments of the broadcast's timeline lie for a player: it plays one segment after the other, also over a break in
 * which nothing was published.
 */
function replayTimes(track: Track): { readonly length: number; readonly placeOf: (seconds: number) => number } {
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

import { formatWebVtt } from "../media/webvtt.ts";
import type { Presentation } from "./presentation.ts";
import { replayTimes } from "./replay-times.ts";

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

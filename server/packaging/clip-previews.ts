import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { readWebVtt } from "../media/webvtt.ts";
import { PREVIEWS_FOLDER } from "./image-tracks.ts";
import { linkOrCopy } from "./link.ts";
import type { PastTrack } from "./past.ts";
import { PreviewFiles, TRACK_NAME } from "./preview-files.ts";
import type { RecordedSegment } from "./recorded-tracks.ts";

/** A clip's segments of the first track, as the recording's playlist and as their bytes tell of them. */
export interface ClipPlaces {
  readonly chosen: readonly RecordedSegment[];
  readonly track: PastTrack | undefined;
}

/** Gives a clip the preview images of what it shows, counted anew. Returns what keeps them. */
export async function clipPreviews(from: string, to: string, places: ClipPlaces): Promise<PreviewFiles> {
  const track = await readFile(join(from, PREVIEWS_FOLDER, TRACK_NAME), "utf8").catch(() => "");
  const shown = readWebVtt(track).flatMap(({ start, end, text }) => {
    const seconds = timeOf(start, end, places);
    return seconds === undefined || !/^\d{1,9}\.jpg$/.test(text) ? [] : [{ name: text, seconds }];
  });
  try {
    for (const [number, { name }] of shown.entries()) {
      await linkOrCopy(join(from, PREVIEWS_FOLDER, name), join(to, PREVIEWS_FOLDER, `${number}.jpg`));
    }
  } catch {
    // An image is missing: the clip does without.
    return new PreviewFiles(to, [], () => {});
  }
  const times = shown.map(({ seconds }) => seconds);
  return new PreviewFiles(to, times, () => {});
}

/** When an image is shown in the clip, in seconds on its timeline; undefined when it is not. */
function timeOf(start: number, end: number, { chosen, track }: ClipPlaces): number | undefined {
  const [first, last] = [chosen[0], chosen.at(-1)];
  if (first === undefined || last === undefined || track === undefined) return undefined;
  if (end <= first.place || start >= last.place + last.seconds) return undefined;
  const shownFrom = Math.max(start, first.place);
  const segment = chosen.findLast(({ place }) => place <= shownFrom) ?? first;
  const row = track.rows.find(({ number }) => number === segment.number);
  const timescale = track.inits.find(({ run }) => run === segment.run)?.info.timescale;
  if (row === undefined || timescale === undefined) return undefined;
  return row.start / timescale + shownFrom - segment.place;
}

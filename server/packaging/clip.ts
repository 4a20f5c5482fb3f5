import { join } from "node:path";
import { LiveError } from "../core/errors.ts";
import { clipPreviews } from "./clip-previews.ts";
import { cutTracks } from "./clip-tracks.ts";
import { initName, segmentName } from "./hls.ts";
import { linkOrCopy } from "./link.ts";
import type { PastTrack } from "./past.ts";
import { Presentation } from "./presentation.ts";
import { type RecordedSegment, readRecordedTracks } from "./recorded-tracks.ts";
import { SegmentFiles } from "./segment-files.ts";

/** What to cut out of which recording. In ms from the recording's beginning, as a player counts. */
export interface ClipJob {
  /** The recording's folder. */
  readonly from: string;
  /** The clip's, which is there and empty. */
  readonly to: string;
  readonly fromMs: number;
  readonly toMs: number;
}

/** What was cut: whole segments, so it begins at or before what was asked for and ends at or after it. */
export interface CutClip {
  readonly fromMs: number;
  readonly toMs: number;
  /** Each track is made alike throughout, so that all of it can be copied into one file. */
  readonly isAlike: boolean;
}

/** A segment of which the clip would have less has nothing of it. In seconds. */
const LEAST = 0.001;

/**
 * Cuts a clip out of a finished recording without encoding: it has every segment of which something is wanted, with
 * playlists, manifest and preview images of its own. Where the file system can, both recordings share the bytes.
 */
export async function cutClip({ from, to, fromMs, toMs }: ClipJob): Promise<CutClip> {
  const recorded = await readRecordedTracks(from);
  if (recorded.length === 0) throw new LiveError("in_use", "the recording has no segments here that could be cut");
  const chosen = (recorded[0]?.segments ?? []).filter(
    ({ place, seconds }) => place < toMs / 1000 - LEAST && place + seconds > fromMs / 1000 + LEAST,
  );
  const [first, last] = [chosen[0], chosen.at(-1)];
  if (first === undefined || last === undefined) {
    throw new LiveError("bad_request", "there is nothing of the recording between these two points");
  }
  const tracks = await cutTracks(from, recorded, chosen);
  for (const track of tracks) await share(from, to, track);
  await publish({ from, to }, tracks, chosen);
  const places = { fromMs: Math.round(first.place * 1000), toMs: Math.round((last.place + last.seconds) * 1000) };
  return { ...places, isAlike: tracks.every(isAlike) };
}

/** Every run of the encoder began it with the same init segment. */
function isAlike({ inits }: PastTrack): boolean {
  const [first] = inits;
  return first !== undefined && inits.every(({ bytes }) => Buffer.compare(bytes, first.bytes) === 0);
}

/** The same bytes under the same names. */
async function share(from: string, to: string, { name, rows, inits }: PastTrack): Promise<void> {
  const files = [
    ...inits.map(({ run }) => initName(run)),
    ...rows.flatMap(({ run, number, gap }) => (gap ? [] : [segmentName(run, number)])),
  ];
  for (const file of files) await linkOrCopy(join(from, name, file), join(to, name, file));
}

async function publish(
  { from, to }: { readonly from: string; readonly to: string },
  tracks: readonly PastTrack[],
  chosen: readonly RecordedSegment[],
): Promise<void> {
  const targetSeconds = Math.max(1, ...chosen.map(({ seconds }) => Math.ceil(seconds - 0.5)));
  const nothing = { nextRun: 0, last: undefined, place: undefined, previewTimes: [], events: [], retired: [] };
  const presentation = new Presentation({
    segmentSeconds: targetSeconds,
    partSeconds: targetSeconds,
    windowSeconds: targetSeconds,
    keeper: undefined,
    past: { ...nothing, tracks, targetSeconds },
  });
  presentation.finish();
  const previews = await clipPreviews(from, to, { chosen, track: tracks[0] });
  const files = new SegmentFiles(to, () => {});
  await files.finish(presentation, await previews.described());
  await previews.finish(presentation);
}

import { Presentation, type RunTracks, type SegmentKeeper } from "../../server/packaging/presentation.ts";
import type { Track } from "../../server/packaging/track.ts";
import { beginTrack, type CmafChunk, type CmafTrack, feed, makePicture } from "./cmaf.ts";

/** What a test presents, with what does not matter to it. */
export interface Presenting {
  readonly tracks?: readonly ("video" | "audio")[];
  readonly partSeconds?: number;
  readonly windowSeconds?: number;
  readonly keeper?: SegmentKeeper;
  readonly copy?: boolean;
  readonly longestSegmentSeconds?: number;
  readonly anchor?: RunTracks["anchor"];
}

/** A run of the tracks that {@link present} made: `video0`, `audio0`, and a second picture as `video1`. */
export function run(rest: Omit<Partial<RunTracks>, "tracks"> & Presenting = {}): RunTracks {
  const counts = { video: 0, audio: 0 };
  const tracks = (rest.tracks ?? ["video", "audio"]).map((kind) => {
    const name = `${kind}${counts[kind]++}`;
    return { name, kind, copy: rest.copy ?? false };
  });
  const anchor = rest.anchor ?? { seconds: 2, wallMs: 1_700_000_000_000 };
  const place = { epoch: 0, offsetSeconds: 2 };
  return {
    continues: rest.continues ?? false,
    anchor,
    place,
    longestSegmentSeconds: rest.longestSegmentSeconds ?? 2,
    tracks,
  };
}

/** A presentation with segments of two seconds whose first run has begun. */
export function present(how: Presenting = {}): Presentation {
  const { partSeconds = 0.2, windowSeconds = 60, keeper } = how;
  const presentation = new Presentation({ segmentSeconds: 2, partSeconds, windowSeconds, keeper });
  presentation.startRun(run(how));
  return presentation;
}

/** The same with these chunks of these tracks in it. */
export function presentWith(
  tracks: Readonly<Record<string, [CmafTrack, readonly CmafChunk[]]>>,
  how: Presenting = {},
): Presentation {
  const presentation = present(how);
  for (const [name, [track]] of Object.entries(tracks)) beginTrack(presentation, name, track);
  feed(presentation, tracks);
  return presentation;
}

/** A track that must be there. */
export function trackOf(presentation: Presentation, name: string): Track {
  const track = presentation.track(name);
  if (track === undefined) throw new Error(`there is no ${name}`);
  return track;
}

/** All rows of a track, times in seconds. */
export function rowsOf(presentation: Presentation, name: string) {
  const track = trackOf(presentation, name);
  const timescale = track.init?.info.timescale ?? Number.NaN;
  return track.window.rows.map(({ number, run: madeBy, start, duration, gap, boundary }) => ({
    number,
    run: madeBy,
    start: start / timescale,
    seconds: duration / timescale,
    gap,
    discontinuities: boundary.discontinuities,
  }));
}

/** Everything that a viewer would have fetched of one run of a track. */
export function fetched(presentation: Presentation, name: string, madeBy = 0): Buffer {
  const { window } = trackOf(presentation, name);
  const segments = window.rows.map(({ number }) => window.segment(madeBy, number)?.bytes ?? new Uint8Array(0));
  return Buffer.concat([window.init(madeBy)?.bytes ?? new Uint8Array(0), ...segments]);
}

/** A picture of which some chunks came, and another that the encoder began behind a break. */
export function brokenPicture(
  before: [CmafTrack, readonly CmafChunk[]],
  after: CmafTrack,
  anchor: RunTracks["anchor"],
): Presentation {
  const presentation = presentWith({ video0: before }, { tracks: ["video"] });
  presentation.startRun(run({ tracks: ["video"], anchor }));
  beginTrack(presentation, "video0", after);
  feed(presentation, { video0: [after, after.chunks] });
  return presentation;
}

/** A recording of 4 s from 2 s on, and after a break of many seconds 4 s more from 100 s on. */
export function brokenRecording(): Presentation {
  const [first, second] = [makePicture({ seconds: 4 }), makePicture({ seconds: 4, from: 100 })];
  const anchor = { seconds: 100, wallMs: 1_700_000_098_000 };
  const presentation = brokenPicture([first, first.chunks], second, anchor);
  presentation.finish();
  return presentation;
}

import { readdir, rm, stat, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { manifest } from "../../../server/packaging/dash.ts";
import { livePlaylist, recordedPlaylist } from "../../../server/packaging/hls.ts";
import { JOURNAL_NAME, Journal } from "../../../server/packaging/journal.ts";
import { readPast } from "../../../server/packaging/past.ts";
import { Presentation } from "../../../server/packaging/presentation.ts";
import { SegmentFiles } from "../../../server/packaging/segment-files.ts";
import { clips } from "../../helpers/clips.ts";
import { beginTrack, between, cutCmaf, feed, makePicture, makeSound } from "../../helpers/cmaf.ts";
import { ffmpeg } from "../../helpers/media-ffmpeg.ts";
import { presentWith, rowsOf, run, trackOf } from "../../helpers/presentation.ts";
import { type TempFolder, tempFolder } from "../../helpers/temp-folder.ts";

const picture = makePicture({ seconds: 14 });
const sound = makeSound({ seconds: 14 });

/** One life of the server: what it publishes of the two tracks in [from, to), with what earlier lives left. */
async function live(folder: TempFolder, from: number, to: number, soundTo = to) {
  const files = new SegmentFiles(folder.path, () => {});
  const past = await readPast(folder.path);
  const options = { segmentSeconds: 2, partSeconds: 0.2, windowSeconds: 60, keeper: files, past };
  const presentation = new Presentation(options);
  presentation.startRun(run({ anchor: { seconds: 2, wallMs: 1_700_000_000_000 } }));
  if (to > from) {
    beginTrack(presentation, "video0", picture);
    beginTrack(presentation, "audio0", sound);
    feed(presentation, {
      video0: [picture, between(picture, from, to)],
      audio0: [sound, between(sound, from, soundTo)],
    });
  }
  return { presentation, files, past };
}

/** The same, ended by a crash when all files are written that were on their way. */
async function crashed(folder: TempFolder, from: number, to: number, soundTo = to): Promise<void> {
  const { files } = await live(folder, from, to, soundTo);
  await files.settle();
}

async function filesIn(folder: TempFolder, track: string): Promise<string[]> {
  const names = await readdir(join(folder.path, track), { recursive: true });
  return names.filter((name) => name.includes(".")).toSorted();
}

function numbers(track: { readonly rows: readonly { readonly number: number }[] } | undefined): number[] {
  return track?.rows.map(({ number }) => number) ?? [];
}

test("a folder in which nothing was published has no past", async () => {
  await using folder = await tempFolder();
  expect(await readPast(folder.path)).toEqual({
    tracks: [],
    retired: [],
    nextRun: 0,
    targetSeconds: 1,
    last: undefined,
    place: undefined,
    previewTimes: [],
    events: [],
  });
});

test("a picture that the last run did not make any more stays away", async () => {
  await using folder = await tempFolder();
  {
    await using journal = await Journal.open(folder.path);
    const place = { epoch: 0, offsetSeconds: 2 };
    await journal.run({ run: 0, tracks: ["video0", "video1", "audio0"], targetSeconds: 2, place });
    await journal.run({ run: 1, tracks: ["video0", "audio0"], targetSeconds: 2, place });
    // A microphone alone, for a while: what pictures there are is as it was.
    await journal.run({ run: 2, tracks: ["audio0"], targetSeconds: 2, place });
  }
  expect((await readPast(folder.path)).retired).toEqual(["video1"]);
});

test("what was published is found again, up to the last segment that all tracks have", async () => {
  await using folder = await tempFolder();
  await crashed(folder, 2, 9.5);
  const past = await readPast(folder.path);
  expect(past.tracks.map(({ name, kind, rows }) => [name, kind, rows.length])).toEqual([
    ["video0", "video", 3],
    ["audio0", "audio", 3],
  ]);
  expect(past).toMatchObject({
    nextRun: 1,
    targetSeconds: 2,
    last: { number: 2, time: 6 },
    place: { epoch: 0, offsetSeconds: 2 },
  });
});

test("both lives are in the recording's playlists, and viewers get the second only", async () => {
  await using folder = await tempFolder();
  await crashed(folder, 2, 9.5);
  const { presentation, files } = await live(folder, 8, 16);
  const video = trackOf(presentation, "video0");
  expect(presentation.isReady).toBe(true);
  expect(livePlaylist(presentation, video)).toMatch(/#EXT-X-MEDIA-SEQUENCE:3\n/);
  expect(livePlaylist(presentation, video)).not.toContain("0/2.m4s");
  presentation.finish();
  await files.finish(presentation);
  await files.forgetJournal();
  expect(
    rowsOf(presentation, "video0").map(({ number, run: madeBy, discontinuities }) => [number, madeBy, discontinuities]),
  ).toEqual([
    [0, 0, 0],
    [1, 0, 0],
    [2, 0, 0],
    [3, 1, 1],
    [4, 1, 1],
    [5, 1, 1],
    [6, 1, 1],
  ]);
  const playlist = recordedPlaylist(presentation, video);
  expect(playlist.match(/#EXT-X-MAP:URI="(\d)/g)).toEqual(['#EXT-X-MAP:URI="0', '#EXT-X-MAP:URI="1']);
  expect(playlist.match(/#EXT-X-DISCONTINUITY\n/g)).toHaveLength(1);
  const mpd = manifest(presentation, { extent: "all", folder: "", clockUrl: "", nowMs: 0 });
  expect(mpd.match(/<Period /g)).toHaveLength(2);
  for (const name of ["video0", "audio0"]) {
    expect(await filesIn(folder, name)).toEqual([
      ...["0/0.m4s", "0/1.m4s", "0/2.m4s", "0/init.mp4"],
      ...["1/3.m4s", "1/4.m4s", "1/5.m4s", "1/6.m4s", "1/init.mp4", "playlist.m3u8"],
    ]);
  }
  expect((await readdir(folder.path)).toSorted()).toEqual(["audio0", "manifest.mpd", "master.m3u8", "video0"]);
});

test("until something new is there nothing is ready, and what there is would be listed in the end", async () => {
  await using folder = await tempFolder();
  await crashed(folder, 2, 9.5);
  const { presentation, files } = await live(folder, 8, 8);
  await files.settle();
  expect([presentation.isReady, presentation.hasBegun, presentation.tracks, presentation.begun]).toEqual([
    false,
    false,
    [],
    [],
  ]);
  expect([presentation.end, presentation.track("video0")?.end]).toEqual([expect.closeTo(8, 1), 8]);
  presentation.finish();
  expect(presentation.tracks.map(({ name }) => name)).toEqual(["video0", "audio0"]);
});

test("a server that crashes again and again leaves one recording", async () => {
  await using folder = await tempFolder();
  for (const [from, to] of [
    [2, 5],
    [4, 4],
    [4, 9],
    [8, 11],
  ] as const) {
    await crashed(folder, from, to);
  }
  const { presentation, files } = await live(folder, 10, 16);
  presentation.finish();
  await files.finish(presentation);
  expect(rowsOf(presentation, "video0").map((row) => [row.number, row.run, row.discontinuities])).toEqual([
    [0, 0, 0],
    [1, 2, 1],
    [2, 2, 1],
    [3, 3, 2],
    [4, 4, 3],
    [5, 4, 3],
    [6, 4, 3],
  ]);
});

describe("tracks that had not come equally far", () => {
  test("are cut behind the same segment, and what is beyond is removed: it will be made again", async () => {
    await using folder = await tempFolder();
    await crashed(folder, 2, 11, 6.5);
    expect(await filesIn(folder, "video0")).toContain("0/3.m4s");
    const past = await readPast(folder.path);
    expect(past.tracks.map(numbers)).toEqual([
      [0, 1],
      [0, 1],
    ]);
    expect(await filesIn(folder, "video0")).toEqual(["0/0.m4s", "0/1.m4s", "0/init.mp4"]);
  });

  test("because one was silent for long keep what they have, and the silent one gets gaps", async () => {
    await using folder = await tempFolder();
    await crashed(folder, 2, 16, 4.5);
    const past = await readPast(folder.path);
    expect(past.tracks.map(numbers)).toEqual([
      [0, 1, 2, 3, 4, 5],
      [0, 1, 2, 3, 4, 5],
    ]);
    expect(past.tracks[1]?.rows.map(({ gap }) => gap)).toEqual([false, true, true, true, true, true]);
    expect(past.tracks[1]?.rows.at(-1)).toMatchObject({ start: 12 * 48_000, duration: 2 * 48_000 });
  });
});

describe("two pictures, of which the second had not come as far", () => {
  /** One life of the server that publishes the first picture in [from, to), and the second one until `secondTo`. */
  async function pictures(folder: TempFolder, [from, to]: readonly [number, number], secondTo?: number): Promise<void> {
    const files = new SegmentFiles(folder.path, () => {});
    const past = await readPast(folder.path);
    const options = { segmentSeconds: 2, partSeconds: 0.2, windowSeconds: 60, keeper: files, past };
    const presentation = new Presentation(options);
    presentation.startRun(run({ tracks: secondTo === undefined ? ["video"] : ["video", "video"] }));
    beginTrack(presentation, "video0", picture);
    beginTrack(presentation, "video1", picture);
    feed(presentation, {
      video0: [picture, between(picture, from, to)],
      video1: [picture, between(picture, from, secondTo ?? from)],
    });
    await files.settle();
  }

  test("far behind: it counts all the same, since one encoder makes both", async () => {
    await using folder = await tempFolder();
    await pictures(folder, [2, 16], 4.5);
    const past = await readPast(folder.path);
    expect(past.tracks.map(({ name, rows }) => [name, rows.map(({ number, gap }) => [number, gap])])).toEqual([
      ["video0", [[0, false]]],
      ["video1", [[0, false]]],
    ]);
    expect(past).toMatchObject({ nextRun: 1, last: { number: 0 } });
    expect(await filesIn(folder, "video0")).toEqual(["0/0.m4s", "0/init.mp4"]);
  });

  test("empty: all begins anew, and nothing is left that no playlist lists", async () => {
    await using folder = await tempFolder();
    await pictures(folder, [2, 16], 2);
    expect(await readPast(folder.path)).toMatchObject({ tracks: [], nextRun: 1, last: undefined, place: undefined });
    expect([await filesIn(folder, "video0"), await filesIn(folder, "video1")]).toEqual([[], []]);
  });

  test("empty, behind a run that had none: what was before it stays", async () => {
    await using folder = await tempFolder();
    await pictures(folder, [2, 9.5]);
    await pictures(folder, [8, 16], 8);
    const past = await readPast(folder.path);
    expect(past.tracks.map(({ name, rows }) => [name, rows.map(({ number, run: by }) => [number, by])])).toEqual([
      ["video0", [0, 1, 2].map((number) => [number, 0])],
    ]);
    expect(past).toMatchObject({ nextRun: 2, last: { number: 2 }, place: { epoch: 0 } });
    expect((await filesIn(folder, "video0")).filter((name) => name.startsWith("1/"))).toEqual([]);
  });
});

describe("what a power cut can leave", () => {
  test("a segment that is not whole ends its track there, and so the others", async () => {
    await using folder = await tempFolder();
    await crashed(folder, 2, 11);
    await truncate(join(folder.path, "audio0/0/3.m4s"), 10);
    expect((await readPast(folder.path)).tracks.map(numbers)).toEqual([
      [0, 1, 2],
      [0, 1, 2],
    ]);
  });

  test("a segment that is missing in between is a gap", async () => {
    await using folder = await tempFolder();
    await crashed(folder, 2, 11);
    await rm(join(folder.path, "video0/0/1.m4s"));
    const { tracks } = await readPast(folder.path);
    expect(tracks[0]?.rows.map(({ number, gap }) => [number, gap])).toEqual([
      [0, false],
      [1, true],
      [2, false],
      [3, false],
    ]);
  });

  test("a lost init segment: all begins anew, under addresses that nobody has seen", async () => {
    await using folder = await tempFolder();
    await crashed(folder, 2, 11);
    await writeFile(join(folder.path, "video0/0/init.mp4"), "");
    expect(await readPast(folder.path)).toMatchObject({ tracks: [], nextRun: 1, last: undefined, place: undefined });
    expect([await filesIn(folder, "video0"), await filesIn(folder, "audio0")]).toEqual([[], []]);
  });

  test("a lost journal: the same", async () => {
    await using folder = await tempFolder();
    await crashed(folder, 2, 11);
    await rm(join(folder.path, JOURNAL_NAME));
    expect(await readPast(folder.path)).toMatchObject({ tracks: [], nextRun: 1, last: undefined });
    await expect(stat(join(folder.path, "video0/0/0.m4s"))).rejects.toThrow("ENOENT");
  });
});

test("a key frame with B-frames after it, decoded before the end and shown at it, is not taken for a repetition", async () => {
  // As the encoder passes it through: decode times are the publisher's.
  const movflags = "+frag_keyframe+delay_moov+default_base_moof+cmaf+frag_discont";
  const copy = [
    "-map",
    "0:v:0",
    "-c:v",
    "copy",
    "-bsf:v",
    "setts=pts=PTS:dts='if(eq(N,0),PTS,max(DTS,PREV_OUTDTS+1))'",
  ];
  const mux = ["-video_track_timescale", "90000", "-f", "mp4", "-movflags", movflags, "-frag_duration", "25000"];
  const source = clips["H.264 with B-frames in Matroska"](8);
  const input = ["-copyts", "-f", "matroska", "-i", "pipe:0"];
  const reordered = cutCmaf(ffmpeg([...input, ...copy, ...mux, "-output_ts_offset", "2", "pipe:1"], source));
  const keys = reordered.chunks.filter(({ info }) => info.startsWithKey);
  expect(keys.slice(1).every(({ info }) => info.decodeTime < info.keyTime)).toBe(true);
  const before = presentWith({ video0: [reordered, reordered.chunks] }, { tracks: ["video"] });
  const { window } = trackOf(before, "video0");
  const rows = window.rows.slice(0, 2);
  const init = window.init(0);
  if (init === undefined) throw new Error("there is no init segment");
  const past = {
    tracks: [{ name: "video0", kind: "video" as const, rows, inits: [init] }],
    retired: [],
    nextRun: 1,
    targetSeconds: 2,
    last: rows.at(-1)?.boundary,
    place: undefined,
    previewTimes: [],
    events: [],
  };
  const options = { segmentSeconds: 2, partSeconds: 0.2, windowSeconds: 60, keeper: undefined };
  const after = new Presentation({ ...options, past });
  after.startRun(run({ tracks: ["video"] }));
  beginTrack(after, "video0", reordered);
  // The encoder goes on a key frame earlier than it need.
  const end = after.track("video0")?.end ?? 0;
  const from = keys.findLast(({ info }) => info.keyTime / reordered.info.timescale < end - 0.5);
  feed(after, { video0: [reordered, reordered.chunks.slice(from && reordered.chunks.indexOf(from))] });
  after.finish();
  const made = rowsOf(after, "video0");
  expect(made[2]?.start).toBe((made[1]?.start ?? 0) + (made[1]?.seconds ?? 0));
});

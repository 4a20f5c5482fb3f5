import { afterEach, describe, expect, test } from "@jest/globals";
import { livePlaylist } from "../../../server/packaging/hls.ts";
import type { Source } from "../../../server/transcode/source.ts";
import { clips } from "../../helpers/clips.ts";
import { decoded } from "../../helpers/cmaf.ts";
import { type EncodedBroadcast, encodeBroadcast } from "../../helpers/encoding.ts";
import { eventually } from "../../helpers/eventually.ts";
import { decodeFrames } from "../../helpers/media-ffmpeg.ts";
import { fetched, rowsOf } from "../../helpers/presentation.ts";
import { ffmpegsBelow } from "../../helpers/processes.ts";
import { slowFfmpeg, standIn } from "../../helpers/stand-in.ts";
import { tempFolder } from "../../helpers/temp-folder.ts";

const SECONDS = 7;
const FRAME = 1 / 30;
const vp8 = clips["VP8 and Opus in WebM"](SECONDS);
const h264 = clips["H.264 and Opus in Matroska"](SECONDS);
const bFrames = clips["H.264 with B-frames in Matroska"](SECONDS);

afterEach(async () => {
  await eventually("no FFmpeg is left", () => ffmpegsBelow().length === 0);
});

/** Each segment but the last is two seconds long, to a frame, and numbers rise by one. */
function expectGrid(of: EncodedBroadcast, track = "video0"): void {
  const rows = rowsOf(of.presentation, track);
  expect(rows.map(({ number }) => number)).toEqual(rows.map((_, index) => index));
  expect(rows.map(({ gap, discontinuities }) => [gap, discontinuities])).toEqual(rows.map(() => [false, 0]));
  const beginsOnGrid = (rows[0]?.start ?? 0) % 2 < FRAME;
  const whole = rows.slice(beginsOnGrid ? 0 : 1, -1);
  expect(whole.length).toBeGreaterThanOrEqual(2);
  for (const { seconds } of whole) expect(Math.abs(seconds - 2)).toBeLessThanOrEqual(FRAME);
}

/** How many frames of a track a viewer gets, and that all of them decode. */
function framesOf(of: EncodedBroadcast, track: string, run = 0): number {
  const { frames, errors } = decoded(fetched(of.presentation, track, run));
  expect(errors).toBe("");
  return frames.length;
}

test("VP8 becomes H.264 in segments on the grid, with every frame of the source, and its sound", async () => {
  await using broadcast = await encodeBroadcast(vp8);
  await broadcast.finish();
  expectGrid(broadcast);
  expect(framesOf(broadcast, "video0")).toBe(decodeFrames("matroska", vp8, "video").frames.length);
  const heard = rowsOf(broadcast.presentation, "audio0");
  expect(heard.reduce((sum, { seconds }) => sum + seconds, 0)).toBeCloseTo(SECONDS, 0);
  expect(broadcast.notices()).toEqual([]);
  expect(broadcast.commands).toHaveLength(1);
});

test("H.264 is passed through untouched, cut at the publisher's own key frames", async () => {
  await using broadcast = await encodeBroadcast(h264);
  await broadcast.finish();
  expect(broadcast.commands[0]).toContain("-c:v copy");
  const got = decoded(fetched(broadcast.presentation, "video0")).frames.map(({ checksum }) => checksum);
  const sent = decodeFrames("matroska", h264, "video").frames.map(({ checksum }) => checksum);
  expect(got).toEqual(sent);
  for (const { seconds } of rowsOf(broadcast.presentation, "video0").slice(0, -1)) {
    expect(seconds).toBeGreaterThan(1);
    expect(seconds).toBeLessThanOrEqual(3);
  }
});

describe("an FFmpeg that is killed in the middle of a broadcast", () => {
  /** Publishes half, kills FFmpeg when some of it is there, publishes the rest. */
  async function killed(bytes: Buffer): Promise<EncodedBroadcast> {
    const half = Math.floor(bytes.byteLength * 0.6);
    const broadcast = await encodeBroadcast(bytes.subarray(0, half));
    await eventually("a segment is there", () => (broadcast.presentation.track("video0")?.window.count ?? 0) > 0);
    const [pid] = ffmpegsBelow();
    if (pid === undefined) throw new Error("no FFmpeg runs");
    process.kill(pid, "SIGKILL");
    await broadcast.publication.write(bytes.subarray(half));
    await broadcast.finish();
    expect(broadcast.commands).toHaveLength(2);
    expect(broadcast.notices()).toEqual([expect.stringContaining("The encoder is started again")]);
    return broadcast;
  }

  test("is followed by another that goes on without a seam, when the picture is encoded", async () => {
    await using broadcast = await killed(vp8);
    expectGrid(broadcast);
    expect(rowsOf(broadcast.presentation, "video0").map(({ run }) => run)).toEqual([0, 0, 0, 0]);
    expect(framesOf(broadcast, "video0")).toBe(decodeFrames("matroska", vp8, "video").frames.length);
    const rows = rowsOf(broadcast.presentation, "audio0");
    expect(rows.map(({ number, gap, discontinuities }) => [number, gap, discontinuities])).toEqual(
      rows.map((_, index) => [index, false, 0]),
    );
    for (const [index, { start }] of rows.slice(1).entries()) {
      expect(start).toBeCloseTo((rows[index]?.start ?? 0) + (rows[index]?.seconds ?? 0), 4);
    }
    framesOf(broadcast, "audio0");
  });

  test.each([
    ["", h264],
    [" and has B-frames", bFrames],
  ])(
    "is followed by another that repeats nothing and loses nothing, when the picture is passed through%s",
    async (_, bytes) => {
      await using broadcast = await killed(bytes);
      const got = decoded(fetched(broadcast.presentation, "video0")).frames.map(({ checksum }) => checksum);
      expect(got).toEqual(decodeFrames("matroska", bytes, "video").frames.map(({ checksum }) => checksum));
      for (const { discontinuities } of rowsOf(broadcast.presentation, "video0")) expect(discontinuities).toBe(0);
    },
  );
});

test("an FFmpeg that is killed ten times in a row is followed by ten others, and viewers get every frame once", async () => {
  const long = clips["H.264 and Opus in Matroska"](44);
  const share = Math.ceil(long.byteLength / 11);
  await using broadcast = await encodeBroadcast(long.subarray(0, share));
  const counted = () => rowsOf(broadcast.presentation, "video0").length;
  let listed: string[] = [];
  const killed = new Set<number>();
  for (let kill = 1; kill <= 10; kill++) {
    const { length } = listed;
    await eventually("there are new segments", () => counted() > length);
    const video = broadcast.presentation.track("video0");
    const playlist = video === undefined ? "" : livePlaylist(broadcast.presentation, video);
    const uris = playlist.split("\n").filter((line) => /^\d+\/\d+\.m4s$/.test(line));
    // What was listed once stays what it was.
    expect(uris.slice(0, length)).toEqual(listed);
    listed = uris;
    await eventually("the next one runs", () => ffmpegsBelow().some((pid) => !killed.has(pid)));
    for (const pid of ffmpegsBelow().filter((each) => !killed.has(each))) {
      process.kill(pid, "SIGKILL");
      killed.add(pid);
    }
    await broadcast.publication.write(long.subarray(kill * share, (kill + 1) * share));
  }
  await broadcast.finish();
  expect(broadcast.encoding.failure).toBeUndefined();
  expect(broadcast.notices().filter((text) => text.includes("started again"))).toHaveLength(10);
  const rows = rowsOf(broadcast.presentation, "video0");
  expect(rows.map(({ number, gap, discontinuities }) => [number, gap, discontinuities])).toEqual(
    rows.map((_, index) => [index, false, 0]),
  );
  const got = decoded(fetched(broadcast.presentation, "video0"));
  expect(got.errors).toBe("");
  const sent = decodeFrames("matroska", long, "video").frames.map(({ checksum }) => checksum);
  expect(got.frames.map(({ checksum }) => checksum)).toEqual(sent);
});

test("key frames that are too far apart make the encoder begin anew, on the grid, behind a discontinuity", async () => {
  const bytes = clips["H.264 with 8.3 s between key frames"](10);
  const second = Math.floor(bytes.byteLength / 10);
  await using broadcast = await encodeBroadcast(bytes.subarray(0, second));
  const hasBegun = (track: string) => broadcast.presentation.track(track)?.end !== undefined;
  await eventually("picture and sound are on their way", () => hasBegun("video0") && hasBegun("audio0"));
  await broadcast.publication.write(bytes.subarray(second));
  await broadcast.finish();
  expect(broadcast.commands.map((command) => command.includes("-c:v copy"))).toEqual([true, false]);
  expect(broadcast.notices()).toEqual([expect.stringContaining("More than 3 s passed without a key frame")]);
  for (const name of ["video0", "audio0"]) {
    const rows = rowsOf(broadcast.presentation, name);
    expect(rows.map(({ number }) => number)).toEqual(rows.map((_, index) => index));
    for (const { seconds } of rows) expect(Math.round(seconds)).toBeLessThanOrEqual(3);
  }
  const encoded = rowsOf(broadcast.presentation, "video0").filter(({ run }) => run === 1);
  expect(encoded.length).toBeGreaterThan(2);
  for (const { discontinuities } of encoded) expect(discontinuities).toBe(1);
  for (const { seconds } of encoded.slice(1, -1)) expect(Math.abs(seconds - 2)).toBeLessThanOrEqual(FRAME);
  framesOf(broadcast, "video0", 1);
  const seconds = rowsOf(broadcast.presentation, "video0").reduce((sum, row) => sum + row.seconds, 0);
  expect(seconds).toBeCloseTo(10, 0);
});

test.each(["H.264 with an open GOP", "H.264 with intra refresh"] as const)(
  "%s cannot be begun anywhere but at its start, so it is encoded anew, with every frame of the source",
  async (name) => {
    await using broadcast = await encodeBroadcast(clips[name](SECONDS));
    await broadcast.finish();
    expect(broadcast.commands.map((command) => command.includes("-c:v copy"))).toEqual([true, false]);
    expect(broadcast.notices()).toEqual([expect.stringContaining("none that players can begin at")]);
    const encoded = rowsOf(broadcast.presentation, "video0").filter(({ run }) => run === 1);
    for (const { seconds } of encoded.slice(1, -1)) expect(Math.abs(seconds - 2)).toBeLessThanOrEqual(FRAME);
    const frames = framesOf(broadcast, "video0", 0) + framesOf(broadcast, "video0", 1);
    expect(frames).toBeGreaterThanOrEqual(30 * SECONDS);
    // Where B-frames were passed through, two may come again.
    expect(frames).toBeLessThanOrEqual(30 * SECONDS + 2);
  },
);

test("a picture that changes its size goes on where it was: every frame at its time, on the grid", async () => {
  await using broadcast = await encodeBroadcast(clips["VP8 that changes its size"](6));
  await broadcast.finish();
  expect(framesOf(broadcast, "video0")).toBe(180);
  expectGrid(broadcast);
});

test("B-frames of other codecs are shown in their order, each at its time", async () => {
  const mpeg4 = clips["MPEG-4 with B-frames in Matroska"](SECONDS);
  await using broadcast = await encodeBroadcast(mpeg4);
  await broadcast.finish();
  const times = (frames: readonly { time: number }[]) => frames.map(({ time }) => time - (frames[0]?.time ?? 0));
  const sent = times(decodeFrames("matroska", mpeg4, "video").frames);
  const got = times(decoded(fetched(broadcast.presentation, "video0")).frames);
  expect(got).toHaveLength(sent.length);
  for (const [index, time] of sent.entries()) expect(got[index]).toBeCloseTo(time, 2);
});

test("a publisher's clock that goes back is a break, and every frame before and behind it is shown at its pace", async () => {
  await using broadcast = await encodeBroadcast(clips["H.264 whose clock goes back"](8));
  await broadcast.finish();
  expect(broadcast.notices()).toEqual([expect.stringContaining("clock went back")]);
  for (const name of ["video0", "audio0"]) {
    const rows = rowsOf(broadcast.presentation, name);
    expect(rows.at(-1)?.discontinuities).toBe(1);
    expect(rows.reduce((sum, row) => sum + row.seconds, 0)).toBeCloseTo(8, 0);
  }
  expect([0, 1].map((run) => framesOf(broadcast, "video0", run))).toEqual([120, 120]);
});

test("another container in the same broadcast goes on behind a discontinuity, numbers rising", async () => {
  await using broadcast = await encodeBroadcast(vp8);
  await broadcast.publication.write(h264);
  await broadcast.finish();
  const rows = rowsOf(broadcast.presentation, "video0");
  expect(rows.map(({ number }) => number)).toEqual(rows.map((_, index) => index));
  expect(new Set(rows.map(({ discontinuities }) => discontinuities))).toEqual(new Set([0, 1]));
  expect(framesOf(broadcast, "video0", 1)).toBe(decodeFrames("matroska", h264, "video").frames.length);
});

test("a container in which nothing comes is left out, and the one after it is encoded once", async () => {
  const cluster = h264.indexOf(Buffer.from("1f43b675", "hex"));
  // Up to its first block.
  const nothing = h264.subarray(0, h264.indexOf(0xa3, cluster + 12));
  await using broadcast = await encodeBroadcast(vp8);
  await broadcast.publication.write(nothing);
  await broadcast.publication.write(h264);
  await broadcast.finish();
  expect(broadcast.commands).toHaveLength(2);
  expect(framesOf(broadcast, "video0", 1)).toBe(decodeFrames("matroska", h264, "video").frames.length);
});

test("two rungs, one at half the rate, have the same boundaries", async () => {
  const ladder = [{ original: true } as const, { width: 160, height: 90, fps: 15, kbps: 150 }];
  await using broadcast = await encodeBroadcast(h264, { ladder });
  await broadcast.finish();
  const starts = (name: string) => rowsOf(broadcast.presentation, name).map(({ start }) => start);
  expect(starts("video1")).toEqual(starts("video0"));
  expect(starts("video0").length).toBeGreaterThan(2);
  const ratio = framesOf(broadcast, "video1") / framesOf(broadcast, "video0");
  expect(ratio).toBeGreaterThan(0.48);
  expect(ratio).toBeLessThan(0.56);
});

test("an encoder that cannot make the whole ladder in time leaves out the dearest picture, and the others go on", async () => {
  const clip = clips["video only"](12);
  await using folder = await tempFolder();
  const binary = await slowFfmpeg(folder, {
    bytesPerSecond: (clip.byteLength / 12) * 0.67,
    pictures: 1,
    since: folder.path,
  });
  const ladder = [{ original: true } as const, { width: 80, height: 46 }, { width: 120, height: 68 }];
  const keepUp = { lostMs: 700, checkMs: 100 };
  await using broadcast = await encodeBroadcast(clip, { binary, ladder, keepUp });
  await eventually("a picture was dropped", () => broadcast.reports.includes("rendition dropped"));
  await broadcast.finish();
  expect(broadcast.encoding.dropped).toMatchObject([{ name: "video2", size: { width: 120, height: 68 } }]);
  expect(broadcast.notices()).toEqual([
    "The picture of 120x68 is not made any more: the encoder does not hold real time.",
  ]);
  expect(broadcast.commands).toHaveLength(2);
  expect(broadcast.presentation.tracks.map(({ name }) => name)).toEqual(["video0", "video1"]);
  for (const name of ["video0", "video1"]) {
    const rows = rowsOf(broadcast.presentation, name);
    expect(rows.map(({ number }) => number)).toEqual(rows.map((_, index) => index));
    expect(new Set(rows.map(({ discontinuities }) => discontinuities))).toEqual(new Set([0, 1]));
    // What is passed through can only go on at the publisher's next key frame: that is the only gap.
    const broken = rows.findIndex(({ discontinuities }) => discontinuities === 1);
    expect(rows.filter(({ gap }, index) => gap && Math.abs(index - broken) > 1)).toEqual([]);
    const seconds = rows.reduce((sum, row) => sum + row.seconds, 0);
    expect(seconds).toBeGreaterThan(10.5);
    expect(seconds).toBeLessThan(12.1);
  }
});

test("an encoder that fails again and again is given up, and the broadcast goes on without", async () => {
  await using folder = await tempFolder();
  const binary = await standIn(folder, "failing", "echo 'no such device' >&2", "exit 1");
  await using broadcast = await encodeBroadcast(vp8.subarray(0, 50_000), { binary });
  await broadcast.encoding.ended;
  expect(broadcast.encoding.failure).toMatch(/^The encoder failed 6 times and was given up: .*no such device/);
  expect(broadcast.reports).toContain("encoder given up");
  expect(broadcast.commands).toHaveLength(6);
  expect(broadcast.notices().at(-1)).toContain("The encoder failed 6 times and was given up");
  await broadcast.publication.write(vp8.subarray(50_000));
  await broadcast.finish();
  expect(broadcast.presentation.tracks).toEqual([]);
});

test("an archive that cannot be read in one place is encoded from the next on, and the broadcast goes on", async () => {
  const half = Math.floor(vp8.byteLength * 0.6);
  let reads = 0;
  const failing = (source: Source): Source => ({
    get epochs() {
      return source.epochs;
    },
    changed: source.changed,
    notify: (text) => source.notify(text),
    log: {
      get ended() {
        return source.log.ended;
      },
      get length() {
        return source.log.length;
      },
      get start() {
        return source.log.start;
      },
      slice: (from, to) => source.log.slice(from, to),
      async *follow(how) {
        const isFirst = reads++ === 0;
        for await (const bytes of source.log.follow(how)) {
          yield bytes;
          if (isFirst) throw Object.assign(new Error("EIO: i/o error, read"), { code: "EIO" });
        }
      },
    },
  });
  await using broadcast = await encodeBroadcast(vp8.subarray(0, half), {}, failing);
  await eventually("the encoder was started again", () => broadcast.commands.length > 1);
  await broadcast.publication.write(vp8.subarray(half));
  await broadcast.finish();
  expect(broadcast.notices()).toEqual([
    "The encoder is started again: the archive could not be read: EIO: i/o error, read",
  ]);
  expect(framesOf(broadcast, "video0", rowsOf(broadcast.presentation, "video0").at(-1)?.run)).toBeGreaterThan(60);
});

test("stopping leaves no FFmpeg, while the publisher goes on", async () => {
  const broadcast = await encodeBroadcast(vp8.subarray(0, vp8.byteLength / 2));
  await eventually("the picture is on its way", () => broadcast.presentation.end !== undefined);
  expect(ffmpegsBelow()).toHaveLength(1);
  await broadcast.encoding[Symbol.asyncDispose]();
  expect(ffmpegsBelow()).toEqual([]);
  await broadcast[Symbol.asyncDispose]();
});

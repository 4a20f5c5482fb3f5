import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "@jest/globals";
import { readImageInfo } from "../../../server/media/image-info.ts";
import { buildCommand } from "../../../server/transcode/command.ts";
import type { EncodePlan } from "../../../server/transcode/plan.ts";
import { KEYS_ONLY, type PreviewRequest, previewOutput } from "../../../server/transcode/preview-output.ts";
import { clips } from "../../helpers/clips.ts";
import { decoded } from "../../helpers/cmaf.ts";
import { type EncodedBroadcast, encodeBroadcast } from "../../helpers/encoding.ts";
import { eventually } from "../../helpers/eventually.ts";
import { decodeFrames, ffmpeg, VP8 } from "../../helpers/media-ffmpeg.ts";
import { fetched } from "../../helpers/presentation.ts";
import { ffmpegsBelow } from "../../helpers/processes.ts";
import { tempFolder } from "../../helpers/temp-folder.ts";

/** Square, so that the pictures of 16:9 need bars: 128×72 with 28 lines above and below. */
const SQUARE = { width: 128, height: 128 };
const BAR_LINES = 28;

afterEach(async () => {
  await eventually("no FFmpeg is left", () => ffmpegsBelow().length === 0);
});

/** The times of a broadcast's images since its first, in seconds. */
function timesOf({ images }: EncodedBroadcast): number[] {
  return images.map(({ seconds }) => Number((seconds - (images[0]?.seconds ?? 0)).toFixed(2)));
}

/** The brightness of each line of an image, 0 to 255. */
function linesOf(image: Uint8Array): number[] {
  const { width, height } = readImageInfo(image) ?? { width: 0, height: 0 };
  const pixels = ffmpeg(["-f", "mjpeg", "-i", "pipe:0", "-f", "rawvideo", "-pix_fmt", "gray", "pipe:1"], image);
  const lines = Array.from({ length: height }, (_, line) => pixels.subarray(line * width, (line + 1) * width));
  return lines.map((line) => line.reduce((sum, value) => sum + value, 0) / width);
}

describe("a source of 10 s and an image every 2 s are 5 images of exactly the size, with bars", () => {
  test.each(["VP8 and Opus in WebM", "H.264 with B-frames in Matroska"] as const)("%s", async (name) => {
    const source = clips[name](10);
    await using broadcast = await encodeBroadcast(source, { previews: { everySeconds: 2, ...SQUARE } });
    await broadcast.finish();
    expect(broadcast.images.map(({ number }) => number)).toEqual([0, 1, 2, 3, 4]);
    for (const [index, seconds] of timesOf(broadcast).entries()) {
      expect(Math.abs(seconds - 2 * index)).toBeLessThanOrEqual(0.05);
    }
    for (const { bytes } of broadcast.images) {
      expect(readImageInfo(bytes)).toEqual({ codec: "mjpeg", ...SQUARE });
      const lines = linesOf(bytes);
      for (const bar of [lines.slice(0, BAR_LINES - 1), lines.slice(1 - BAR_LINES)]) {
        expect(Math.max(...bar)).toBeLessThan(12);
      }
      expect(Math.max(...lines.slice(BAR_LINES + 1, -BAR_LINES - 1))).toBeGreaterThan(60);
    }
  });
});

test("a picture that is passed through is the same with previews as without, and only its key frames are decoded", async () => {
  const source = clips["H.264 with B-frames in Matroska"](10);
  const times = async (previews: { everySeconds: number; width: number; height: number } | undefined) => {
    await using broadcast = await encodeBroadcast(source, { previews });
    await broadcast.finish();
    expect(broadcast.commands).toHaveLength(1);
    expect(broadcast.commands[0]?.includes("-skip_frame:u nokey")).toBe(previews !== undefined);
    expect(broadcast.images).toHaveLength(previews === undefined ? 0 : 3);
    return decoded(fetched(broadcast.presentation, "video0")).frames;
  };
  const [without, withPreviews] = [await times(undefined), await times({ everySeconds: 4, ...SQUARE })];
  expect(withPreviews).toEqual(without);
  const sent = decodeFrames("matroska", source, "video").frames;
  expect(without.map(({ checksum }) => checksum)).toEqual(sent.map(({ checksum }) => checksum));
  // Every frame where the publisher put it, two seconds later: B-frames move nothing.
  for (const [index, { time }] of without.entries()) expect(time).toBeCloseTo((sent[index]?.time ?? 0) + 2, 3);
});

test("sound alone has no images", async () => {
  await using broadcast = await encodeBroadcast(clips["audio only"](3), { previews: { everySeconds: 1, ...SQUARE } });
  await broadcast.finish();
  expect(broadcast.images).toEqual([]);
  expect(broadcast.presentation.tracks.map(({ name }) => name)).toEqual(["audio0"]);
});

test("the images of another container go on with the numbers, and have the same size", async () => {
  const previews = { everySeconds: 1, ...SQUARE };
  await using broadcast = await encodeBroadcast(clips["VP8 and Opus in WebM"](3), { previews });
  await broadcast.publication.write(clips["video only"](3));
  await broadcast.finish();
  const numbers = broadcast.images.map(({ number }) => number);
  expect(numbers).toEqual(numbers.map((_, index) => index));
  expect(numbers.length).toBeGreaterThanOrEqual(6);
  for (const { bytes } of broadcast.images) expect(readImageInfo(bytes)).toMatchObject(SQUARE);
});

test("a picture that changes its size in the middle keeps the images' size and distance", async () => {
  await using folder = await tempFolder();
  const names = ["160x90", "90x160"].map((size) => {
    const path = join(folder.path, `${size}.webm`);
    const picture = ["-f", "lavfi", "-i", `testsrc2=s=${size}:r=30:d=5`];
    ffmpeg([...picture, ...VP8, "-g", "31", path]);
    return `file ${path}\n`;
  });
  await writeFile(join(folder.path, "list"), names.join(""));
  const concat = ["-f", "concat", "-safe", "0", "-i", join(folder.path, "list"), "-c", "copy"];
  const source = ffmpeg([...concat, "-f", "matroska", "-live", "1", "pipe:1"]);
  await using broadcast = await encodeBroadcast(source, { previews: { everySeconds: 2, ...SQUARE } });
  await broadcast.finish();
  expect(broadcast.commands).toHaveLength(1);
  expect(timesOf(broadcast)).toEqual([0, 2, 4, 6, 8].map((seconds) => expect.closeTo(seconds, 1)));
  for (const { bytes } of broadcast.images) expect(readImageInfo(bytes)).toMatchObject(SQUARE);
});

describe("an encoder that is killed", () => {
  test.each(["VP8 and Opus in WebM", "H.264 and Opus in Matroska"] as const)(
    "goes on with the numbers: %s",
    async (name) => {
      const source = clips[name](8);
      const half = Math.floor(source.byteLength * 0.6);
      const previews = { everySeconds: 1, ...SQUARE };
      await using broadcast = await encodeBroadcast(source.subarray(0, half), { previews });
      await eventually("some images are there", () => broadcast.images.length >= 2);
      for (const pid of ffmpegsBelow()) process.kill(pid, "SIGKILL");
      await broadcast.publication.write(source.subarray(half));
      await broadcast.finish();
      expect(broadcast.commands).toHaveLength(2);
      expect(broadcast.images.map(({ number }) => number)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
      for (const [index, seconds] of timesOf(broadcast).entries()) {
        expect(Math.abs(seconds - index)).toBeLessThanOrEqual(0.05);
      }
    },
  );
});

test("an address that takes no images costs the images and nothing else", () => {
  const media = clips["H.264 and Opus in Matroska"](3);
  // Port 1 of this machine: nobody listens there.
  const url = "http://127.0.0.1:1/preview/%d.jpg";
  const settings = { everySeconds: 1, ...SQUARE };
  const preview = previewOutput({ settings, url, zero: 0, due: undefined, keysSuffice: false });
  const track = ["-map", "0:v:0", "-c:v", "copy", "-f", "matroska", "pipe:1"];
  const { frames } = decodeFrames(
    "matroska",
    ffmpeg(["-f", "matroska", "-i", "pipe:0", ...track, ...preview.options, preview.url], media),
    "video",
  );
  expect(frames).toHaveLength(90);
});

describe("all but key frames are skipped", () => {
  const plan = (...copies: boolean[]): EncodePlan => ({
    tracks: copies.map((copy, index) => ({ name: `video${index}`, kind: "video", copy, kbps: 500 })),
    keys: "source",
    dropped: [],
  });
  const inputOptions = (tracks: EncodePlan, preview: Partial<PreviewRequest> | undefined) => {
    const settings = { everySeconds: 5, ...SQUARE };
    const whole = { settings, url: "http://127.0.0.1:1/%d.jpg", zero: 0, due: undefined, keysSuffice: true };
    return buildCommand({
      plan: tracks,
      container: "matroska",
      encoder: "libx264",
      segmentSeconds: 2,
      offsetSeconds: 2,
      urlOf: (track) => `http://127.0.0.1:1/${track}`,
      firstPicture: 0,
      resumeAt: () => undefined,
      preview: preview && { ...whole, ...preview },
    }).inputOptions.join(" ");
  };
  const words = KEYS_ONLY.join(" ");

  test("when nothing but previews is decoded, and keys come often enough for them", () => {
    expect(inputOptions(plan(true), {})).toContain(words);
  });

  test("not when a track is encoded, keys are too far apart for the images, or there are none", () => {
    expect(inputOptions(plan(true, false), {})).not.toContain(words);
    expect(inputOptions(plan(true), { keysSuffice: false })).not.toContain(words);
    expect(inputOptions(plan(true), undefined)).not.toContain(words);
  });
});

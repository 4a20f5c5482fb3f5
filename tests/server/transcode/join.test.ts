import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { prepareFfmpeg } from "../../../server/transcode/ffmpeg.ts";
import { findFfmpeg } from "../../../server/transcode/find-ffmpeg.ts";
import { joinContainers } from "../../../server/transcode/join.ts";
import type { StreamKind } from "../../../server/transcode/remux.ts";
import { clips } from "../../helpers/clips.ts";
import { flvs } from "../../helpers/flv.ts";
import { decodeFrames } from "../../helpers/media-ffmpeg.ts";
import { ffprobe } from "../../helpers/millrace.ts";
import { ffmpegsBelow } from "../../helpers/processes.ts";
import { type TempFolder, tempFolder } from "../../helpers/temp-folder.ts";

const h264 = clips["H.264 and Opus in Matroska"];
const vp8 = clips["VP8 and Opus in WebM"];
const signal = new AbortController().signal;

type Piece = readonly [StreamKind, Uint8Array];

/** Joins pieces that lie one after the other, and something that is none behind them; returns what came out. */
async function joined(folder: TempFolder, container: StreamKind, ...pieces: readonly Piece[]) {
  const from = join(folder.path, "it's a source");
  const to = join(folder.path, "seekable.part");
  await writeFile(from, Buffer.concat([...pieces.map(([, bytes]) => bytes), Buffer.from("announced, never came")]));
  let end = 0;
  const containers = pieces.map(([kind, bytes]) => {
    const start = end;
    end += bytes.byteLength;
    return { kind, start, end };
  });
  containers.push({ kind: "webm", start: end, end: end + 21 });
  const { binary } = await findFfmpeg(undefined);
  await prepareFfmpeg(binary);
  await joinContainers(binary, { from, to, container, containers }, signal);
  expect((await readdir(folder.path)).toSorted()).toEqual(["it's a source", "seekable.part"]);
  expect(ffmpegsBelow()).toEqual([]);
  const bytes = await readFile(to);
  const format = container === "mp4" ? "mp4" : "matroska";
  const probed = ffprobe(to, ["-show_entries", "format=duration:stream=codec_name"]) as {
    format: { duration: string };
    streams: { codec_name: string }[];
  };
  const [video, audio] = (["video", "audio"] as const).map((kind) => decodeFrames(format, bytes, kind));
  return {
    seconds: Number(probed.format.duration),
    codecs: probed.streams.map(({ codec_name }) => codec_name).toSorted(),
    frames: video?.frames ?? [],
    sound: audio?.frames ?? [],
    errors: `${video?.errors}${audio?.errors}`,
  };
}

const checksums = (frames: readonly { readonly checksum: string }[]) => frames.map(({ checksum }) => checksum);
const framesIn = (bytes: Uint8Array) => decodeFrames("matroska", bytes, "video").frames;

/** Times rise from the first to the last, without a hole that is not in the source. */
function expectSteady(frames: readonly { readonly time: number }[]): void {
  for (const [index, { time }] of frames.slice(1).entries()) {
    const step = time - (frames[index]?.time ?? 0);
    expect([step > 0, step < 0.15]).toEqual([true, true]);
  }
}

test("FLV of the same tracks is copied into one MP4", async () => {
  await using folder = await tempFolder();
  const piece: Piece = ["flv", flvs.both(2)];
  const { seconds, codecs, frames, errors } = await joined(folder, "mp4", piece, piece);
  expect([codecs, errors]).toEqual([["aac", "h264"], ""]);
  expect(seconds).toBeCloseTo(4, 0);
  expect(frames).toHaveLength(120);
});

test("containers that are alike are copied: every picture is there, untouched, and times go on", async () => {
  await using folder = await tempFolder();
  const [one, two, cut] = [h264(3), h264(2), h264(4)];
  // A camera that was taken away: its container ends anywhere.
  const half = cut.subarray(0, Math.floor(cut.byteLength / 2));
  const got = await joined(folder, "matroska", ["matroska", one], ["matroska", half], ["matroska", two]);
  expect([got.errors, got.codecs]).toEqual(["", ["h264", "opus"]]);
  const sent = [one, half, two].flatMap((each) => checksums(framesIn(each)));
  expect(checksums(got.frames)).toEqual(sent);
  expect(Math.abs(got.seconds - sent.length / 30)).toBeLessThan(0.2);
  expectSteady(got.frames);
});

test("containers with other codecs, without sound and without a picture are encoded alike: all of it plays", async () => {
  await using folder = await tempFolder();
  const [one, two, silent, dark] = [h264(3), vp8(2), clips["video only"](2), clips["audio only"](2)];
  const pieces: Piece[] = [
    ["matroska", one],
    ["webm", two],
    ["matroska", silent],
    ["webm", dark],
  ];
  const got = await joined(folder, "matroska", ...pieces);
  expect([got.errors, got.codecs]).toEqual(["", ["aac", "h264"]]);
  expect(Math.abs(got.seconds - 9)).toBeLessThan(0.4);
  expect(Math.abs(got.frames.length - 9 * 30)).toBeLessThanOrEqual(5);
  expectSteady(got.frames);
  expectSteady(got.sound);
});

test.each([
  [
    "webm",
    [
      ["webm", vp8(2)],
      ["matroska", h264(2)],
    ],
  ] as const,
  [
    "mp4",
    [
      ["mp4", clips["H.264 and AAC in fragmented MP4"](2)],
      ["matroska", h264(2)],
    ],
  ] as const,
])("into %s go the codecs that it can hold", async (container, pieces) => {
  await using folder = await tempFolder();
  const got = await joined(folder, container, ...pieces);
  const codecs = container === "webm" ? ["opus", "vp8"] : ["aac", "h264"];
  expect([got.errors, got.codecs]).toEqual(["", codecs]);
  expect(Math.abs(got.seconds - 4)).toBeLessThan(0.3);
  expectSteady(got.frames);
});

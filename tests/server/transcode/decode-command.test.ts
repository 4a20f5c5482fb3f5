import { expect, test } from "@jest/globals";
import { decodeCommand } from "../../../server/transcode/decode-command.ts";

const container = "webm";
const imageDecoder = undefined;

test("a stranger's bytes: format and protocol are said, sizes are bounded, and one thread does it all", () => {
  const { inputOptions } = decodeCommand({ wish: { kind: "sound" }, container, imageDecoder });
  const text = inputOptions.join(" ");
  for (const option of [
    "-threads 1",
    "-copyts",
    "-protocol_whitelist pipe",
    "-f matroska",
    "-max_pixels",
    "-max_alloc",
  ]) {
    expect(text).toContain(option);
  }
});

test("of a picture so many a second are taken, small; of sound nothing but the sound", () => {
  const picture = decodeCommand({ wish: { kind: "picture", width: 160, fps: 5 }, container, imageDecoder });
  const words = picture.outputOptions.join(" ");
  expect(words).toContain("-an");
  expect(words).toContain("floor(t*5+0.25)");
  expect(words).toContain("scale=w=160");
  const sound = decodeCommand({ wish: { kind: "sound" }, container, imageDecoder }).outputOptions.join(" ");
  expect(sound).toContain("-vn");
  expect(sound).toContain("pcm_s16le");
});

test("each picture is pushed out, unless the next one comes soon anyway", () => {
  const graphOf = (fps: number | undefined) =>
    decodeCommand({ wish: { kind: "picture", width: 160, fps }, container, imageDecoder }).outputOptions;
  expect(graphOf(5)).toContain("[second]");
  expect(graphOf(undefined)).not.toContain("[second]");
});

test("images are decoded by what they are", () => {
  const wish = { kind: "picture", width: 320, fps: 5 } as const;
  const { inputOptions } = decodeCommand({ wish, container: "frames", imageDecoder: "mjpeg" });
  expect(inputOptions.join(" ")).toContain("-c:v mjpeg -f matroska");
});

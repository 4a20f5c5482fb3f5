import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { FLV_TAG } from "../../../server/media/flv-tag.ts";
import { h264Picture } from "../../../server/media/h264-picture.ts";
import { messagesOf } from "../../helpers/flv.ts";
import { ffmpeg } from "../../helpers/media-ffmpeg.ts";

/** The decoder configuration that x264 makes of a picture. */
function configurationOf(size: string, ...options: readonly string[]): Uint8Array {
  const input = ["-f", "lavfi", "-i", `color=s=${size}:r=5:d=0.4`, "-c:v", "libx264", "-preset", "ultrafast"];
  const file = ffmpeg([...input, ...options, "-flvflags", "no_duration_filesize", "-f", "flv", "pipe:1"]);
  const header = messagesOf(file).find(({ type, body }) => type === FLV_TAG.video && body[1] === 0);
  if (header === undefined) throw new Error("there is no configuration");
  return header.body.subarray(5);
}

describe("the picture of H.264", () => {
  test.each([
    { size: "640x360", options: ["-pix_fmt", "yuv420p"] },
    { size: "642x362", options: ["-pix_fmt", "yuv420p", "-profile:v", "baseline"] },
    { size: "1280x720", options: ["-pix_fmt", "yuv420p", "-profile:v", "high", "-x264-params", "cqm=jvt"] },
    { size: "320x240", options: ["-pix_fmt", "yuv422p"] },
    { size: "322x242", options: ["-pix_fmt", "yuv444p"] },
    { size: "1920x1080", options: ["-pix_fmt", "yuv420p", "-flags", "+ildct", "-x264-params", "interlaced=1"] },
    { size: "720x1280", options: ["-pix_fmt", "gray"] },
  ])("$size with $options is read", ({ size, options }) => {
    const { width, height } = h264Picture(configurationOf(size, ...options)) ?? {};
    expect(`${width}x${height}`).toBe(size);
  });

  test.each([
    { what: "Baseline", options: ["-profile:v", "baseline"], common: true },
    { what: "Main with B-frames", options: ["-profile:v", "main"], common: true },
    { what: "High", options: ["-profile:v", "high"], common: true },
    { what: "10 bits", options: ["-pix_fmt", "yuv420p10le"], common: false },
    { what: "4:2:2", options: ["-pix_fmt", "yuv422p"], common: false },
    { what: "4:4:4", options: ["-pix_fmt", "yuv444p"], common: false },
    { what: "no colour", options: ["-pix_fmt", "gray"], common: false },
  ])("of $what: common is $common", ({ options, common }) => {
    const picture = h264Picture(configurationOf("320x240", "-pix_fmt", "yuv420p", ...options));
    expect(picture).toMatchObject({ common, interlaced: false, pixelAspect: 1 });
  });

  test.each([
    { aspect: "16/11", pixelAspect: 16 / 11 },
    { aspect: "4/3", pixelAspect: 4 / 3 },
    { aspect: "7/5", pixelAspect: 7 / 5 },
  ])("with pixels of $aspect", ({ aspect, pixelAspect }) => {
    const configuration = configurationOf("320x240", "-pix_fmt", "yuv420p", "-vf", `setsar=${aspect}`);
    expect(h264Picture(configuration)?.pixelAspect).toBeCloseTo(pixelAspect);
  });

  test("that is interlaced", () => {
    const options = ["-pix_fmt", "yuv420p", "-flags", "+ildct", "-x264-params", "interlaced=1"];
    expect(h264Picture(configurationOf("320x240", ...options))?.interlaced).toBe(true);
  });

  test("of what ends too early is not known", () => {
    const whole = configurationOf("640x360", "-pix_fmt", "yuv420p");
    for (let length = 0; length < 14; length++) expect(h264Picture(whole.subarray(0, length))).toBeUndefined();
  });

  test("of nonsense is some size or none, and never an error", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const { width = 1, height = 1 } = h264Picture(bytes) ?? {};
        expect(width > 0 && height > 0).toBe(true);
      }),
    );
  });
});

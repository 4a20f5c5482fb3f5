import { describe, expect, test } from "@jest/globals";
import { ENCODERS, type EncoderName, encodeWith } from "../../../server/transcode/encoders.ts";
import { ffmpeg } from "../../helpers/media-ffmpeg.ts";

/** What every FFmpeg encoder has, whatever its own options are (`ffmpeg -h full`, AVCodecContext). */
const GENERAL = ["-c:v", "-pix_fmt", "-bf", "-g", "-b:v", "-maxrate", "-bufsize", "-level:v"];

function pairs(options: readonly string[]): string[] {
  return options.map((option, index) => `${option} ${options[index + 1] ?? ""}`);
}

describe.each(ENCODERS)("%s", (name) => {
  test("has the bit rate as its peak over two seconds, no B-frames, and no key frames of its own", () => {
    const options = pairs(encodeWith(name, 800, "3.1"));
    expect(options).toEqual(
      expect.arrayContaining([`-c:v ${name}`, "-b:v 800k", "-maxrate 800k", "-bufsize 1600k", "-bf 0"]),
    );
    expect(options.find((pair) => pair.startsWith("-g "))).toMatch(/^-g (99999|65535)$/);
  });

  test("makes of every key frame that is asked for one that decoding can start at", () => {
    const words: Readonly<Record<EncoderName, string | undefined>> = {
      libx264: undefined,
      h264_nvenc: "-forced-idr 1",
      h264_vaapi: undefined,
      h264_qsv: "-forced_idr 1",
      h264_videotoolbox: undefined,
    };
    const idr = pairs(encodeWith(name, 800, "3.1")).find((pair) => /^-forced.idr/.test(pair));
    expect(idr).toBe(words[name]);
  });

  test("is told a level in its own way, or none", () => {
    const numeric = name === "h264_vaapi" || name === "h264_qsv";
    expect(pairs(encodeWith(name, 800, "3.1"))).toContain(`-level:v ${numeric ? "31" : "3.1"}`);
    expect(encodeWith(name, 800, undefined)).not.toContain("-level:v");
  });
});

test("an FFmpeg that has these encoders knows their options, and the values that are words", () => {
  const known = ENCODERS.map((name) => ({ name, help: ffmpeg(["-h", `encoder=${name}`]).toString() }));
  const built = known.filter(({ help }) => help.includes("AVOptions"));
  expect(built.map(({ name }) => name)).toContain("libx264");
  for (const { name, help } of built) {
    const options = encodeWith(name, 800, "3.1");
    for (const [index, option] of options.entries()) {
      const isOption = index % 2 === 0 && !GENERAL.includes(option);
      if (isOption) expect(`${name}: ${help}`).toContain(`  ${option} `);
    }
  }
});

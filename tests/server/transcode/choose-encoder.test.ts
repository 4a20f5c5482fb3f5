import { describe, expect, test } from "@jest/globals";
import { chooseEncoder } from "../../../server/transcode/choose-encoder.ts";
import { findFfmpeg } from "../../../server/transcode/find-ffmpeg.ts";
import { standIn } from "../../helpers/stand-in.ts";
import { tempFolder } from "../../helpers/temp-folder.ts";

const nothing = () => {};

/** An FFmpeg that has a card for these encoders and no other. */
function card(...names: readonly string[]): string[] {
  const pattern = names.map((name) => `*" -c:v ${name} "*`).join("|");
  return [`case " $* " in ${pattern}) exit 0;; esac`, "echo '[card @ 0x1] No such device.' >&2", "exit 1"];
}

describe("on auto", () => {
  test("the first that really encodes is taken, and why the others are not is told", async () => {
    await using folder = await tempFolder();
    const binary = await standIn(folder, "ffmpeg", ...card("h264_qsv", "libx264"));
    const told: unknown[] = [];
    const found = await chooseEncoder(binary, "auto", (event, details) => told.push([event, details]));
    expect(found).toBe("h264_qsv");
    const event = "encoder does not work here";
    expect(told).toEqual([
      [event, { encoder: "h264_nvenc", reason: "No such device" }],
      [event, { encoder: "h264_videotoolbox", reason: "No such device" }],
    ]);
  });

  test("with this machine's FFmpeg something is found that works", async () => {
    const { binary } = await findFfmpeg(undefined);
    const found = await chooseEncoder(binary, "auto", nothing);
    // What it found, it finds again when it is asked for.
    expect(await chooseEncoder(binary, found, nothing)).toBe(found);
  });

  test("without any that works the start ends with one line", async () => {
    await using folder = await tempFolder();
    const binary = await standIn(folder, "ffmpeg", ...card("none"));
    await expect(chooseEncoder(binary, "auto", nothing)).rejects.toThrow(/^FFmpeg \(.*\) has no H\.264 encoder/);
  });
});

describe("one that is asked for", () => {
  test("and works is taken", async () => {
    await using folder = await tempFolder();
    const binary = await standIn(folder, "ffmpeg", ...card("h264_nvenc"));
    expect(await chooseEncoder(binary, "h264_nvenc", nothing)).toBe("h264_nvenc");
  });

  test("and does not is told with FFmpeg's reason and the others", async () => {
    await using folder = await tempFolder();
    const binary = await standIn(folder, "ffmpeg", ...card("libx264"));
    await expect(chooseEncoder(binary, "h264_vaapi", nothing)).rejects.toThrow(
      /^MILLRACE_ENCODER=h264_vaapi does not work here: No such device\. Others are libx264, .*; auto takes/,
    );
  });

  test("is tried for real: one that this FFmpeg does not know does not work", async () => {
    const { binary } = await findFfmpeg(undefined);
    // No machine has both of these.
    const tries = await Promise.allSettled(
      (["h264_videotoolbox", "h264_vaapi"] as const).map((name) => chooseEncoder(binary, name, nothing)),
    );
    expect(tries.some(({ status }) => status === "rejected")).toBe(true);
  });
});

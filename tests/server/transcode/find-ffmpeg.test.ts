import { describe, expect, test } from "@jest/globals";
import { findFfmpeg } from "../../../server/transcode/find-ffmpeg.ts";
import { standIn } from "../../helpers/stand-in.ts";
import { tempFolder } from "../../helpers/temp-folder.ts";

test("finds one without being told where", async () => {
  const { version } = await findFfmpeg(undefined);
  expect(version).toMatch(/\d/);
});

test("a missing one is told in one line with how to get it", async () => {
  const failure = await findFfmpeg("/nowhere/ffmpeg").catch((error: unknown) => error);
  expect((failure as Error).message).toMatch(
    /^FFmpeg cannot be started as \/nowhere\/ffmpeg: install it .*MILLRACE_FFMPEG$/,
  );
});

test("one that fails is told the same way", async () => {
  await using folder = await tempFolder();
  const path = await standIn(folder, "ffmpeg", "exit 1");
  await expect(findFfmpeg(path)).rejects.toThrow(`FFmpeg cannot be started as ${path}`);
});

describe("a version", () => {
  test.each([
    ["4.4.2-0ubuntu0.22.04.1", false],
    ["5.0.3", false],
    ["n5.0", false],
    ["5.1.9-0+deb12u1", true],
    ["5.1", true],
    ["n7.1-2-g1234567", true],
    ["10.0", true],
    ["N-118448-g43be8d0728", true],
    ["git-2024-01-01", true],
  ])("%s is new enough: %s", async (version, isNew) => {
    await using folder = await tempFolder();
    const path = await standIn(folder, "ffmpeg", `echo "ffmpeg version ${version} Copyright (c) 2000-2024"`);
    const found = findFfmpeg(path);
    if (isNew) expect(await found).toEqual({ binary: path, version });
    else await expect(found).rejects.toThrow(`FFmpeg ${version} is older than 5.1: install it`);
  });
});

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { PassThrough, Readable } from "node:stream";
import { beforeAll, expect, test } from "@jest/globals";
import { Ffmpeg, prepareFfmpeg } from "../../../server/transcode/ffmpeg.ts";
import { findFfmpeg } from "../../../server/transcode/find-ffmpeg.ts";
import { clips } from "../../helpers/clips.ts";
import { eventually } from "../../helpers/eventually.ts";
import { decodeFrames } from "../../helpers/media-ffmpeg.ts";
import { ffmpegsBelow, isRunning } from "../../helpers/processes.ts";
import { standIn } from "../../helpers/stand-in.ts";
import { type TempFolder, tempFolder } from "../../helpers/temp-folder.ts";

const clip = clips["video only"](1);

let binary: string;
beforeAll(async () => {
  ({ binary } = await findFfmpeg(undefined));
  await prepareFfmpeg(binary);
});

/** Copies what it reads into a file. */
function copyJob(folder: TempFolder, input: Readable, path = binary) {
  const outputs = [{ url: join(folder.path, "out.mkv"), options: ["-c", "copy", "-f", "matroska"] }];
  return { binary: path, input, inputOptions: ["-f", "matroska"], outputs };
}

test("finishes when its input ends, having written everything", async () => {
  await using folder = await tempFolder();
  await using ffmpeg = Ffmpeg.start(copyJob(folder, Readable.from([clip])));
  await ffmpeg.finished;
  const written = await readFile(join(folder.path, "out.mkv"));
  expect(decodeFrames("matroska", written, "video").frames).toEqual(decodeFrames("matroska", clip, "video").frames);
  expect(await ffmpeg.command).toContain("-f matroska -i pipe:0");
});

test("that fails says why in its own words, and keeps the last of them", async () => {
  await using folder = await tempFolder();
  await using ffmpeg = Ffmpeg.start(copyJob(folder, Readable.from([Buffer.alloc(100_000, 0x55)])));
  const failure = await ffmpeg.finished.catch((error: unknown) => error);
  expect(failure).toMatchObject({ code: "encoder_failed", message: expect.stringContaining("Invalid data found") });
  expect(ffmpeg.log.length).toBeGreaterThan(0);
  expect(ffmpeg.log.length).toBeLessThanOrEqual(20);
});

test("that cannot be started fails, too", async () => {
  await using folder = await tempFolder();
  await using ffmpeg = Ffmpeg.start(copyJob(folder, Readable.from([clip]), join(folder.path, "missing")));
  await expect(ffmpeg.finished).rejects.toMatchObject({ code: "encoder_failed" });
});

test("is gone when it has been disposed of, though its input goes on", async () => {
  await using folder = await tempFolder();
  const input = new PassThrough();
  input.write(clip);
  const ffmpeg = Ffmpeg.start(copyJob(folder, input));
  await ffmpeg.command;
  await eventually("it runs", () => ffmpegsBelow().length === 1);
  await ffmpeg[Symbol.asyncDispose]();
  expect(ffmpegsBelow()).toEqual([]);
  await expect(ffmpeg.finished).resolves.toBeUndefined();
  input.destroy();
});

test("that ignores SIGTERM is killed, and disposing twice waits for the same end", async () => {
  await using folder = await tempFolder();
  const pidFile = join(folder.path, "pid");
  const hanging = await standIn(
    folder,
    "hanging",
    "trap '' TERM",
    `echo $$ > ${pidFile}`,
    "while :; do sleep 0.05; done",
  );
  const input = new PassThrough();
  const ffmpeg = Ffmpeg.start(copyJob(folder, input, hanging));
  await eventually("it runs", async () => (await readFile(pidFile, "utf8").catch(() => "")) !== "");
  const pid = Number(await readFile(pidFile, "utf8"));
  expect(isRunning(pid)).toBe(true);
  await Promise.all([ffmpeg[Symbol.asyncDispose](), ffmpeg[Symbol.asyncDispose]()]);
  expect(isRunning(pid)).toBe(false);
  input.destroy();
});

test("that has finished is disposed of at once", async () => {
  await using folder = await tempFolder();
  const ffmpeg = Ffmpeg.start(copyJob(folder, Readable.from([clip])));
  await ffmpeg.finished;
  const began = performance.now();
  await ffmpeg[Symbol.asyncDispose]();
  expect(performance.now() - began).toBeLessThan(500);
});

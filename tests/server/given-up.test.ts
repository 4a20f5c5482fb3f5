import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { ResumablePublisher } from "../../scripts/publish/resumable-publisher.ts";
import { findFfmpeg } from "../../server/transcode/find-ffmpeg.ts";
import { startTestApp } from "../helpers/app.ts";
import { clips } from "../helpers/clips.ts";
import { eventually } from "../helpers/eventually.ts";
import { finishedOn, liveOn, readyOn } from "../helpers/millrace.ts";
import { fetchText } from "../helpers/playlists.ts";
import { expectPlays } from "../helpers/replay.ts";
import { standIn } from "../helpers/stand-in.ts";
import { tempFolder } from "../helpers/temp-folder.ts";

const clip = clips["H.264 and Opus in Matroska"](12);
const HALF = Math.floor(clip.byteLength / 2);

test("an encoder that is given up costs its broadcast the viewers and nothing else, and all say so", async () => {
  await using folder = await tempFolder();
  const { binary } = await findFfmpeg(undefined);
  // Encodes until the file is there; whatever else is asked of it, it does.
  const broken = join(folder.path, "broken");
  const script = `case "$*" in *POST*) [ -e '${broken}' ] && { echo 'no such device' >&2; exit 1; };; esac`;
  const ffmpeg = await standIn(folder, "ffmpeg", script, `exec '${binary}' "$@"`);
  await using app = await startTestApp({ MILLRACE_FFMPEG: ffmpeg });
  const good = new ResumablePublisher(app.url, "good");
  good.send(clip.subarray(0, HALF));
  await readyOn(app.url, "good");
  await writeFile(broken, "");
  const bad = new ResumablePublisher(app.url, "bad");
  bad.send(clip.subarray(0, HALF));
  await eventually("it is given up", async () => (await liveOn(app.url, "bad"))?.failure != null);
  const state = await liveOn(app.url, "bad");
  const words = expect.stringMatching(/^The encoder failed 6 times and was given up: .*no such device/);
  expect(state).toMatchObject({ state: "live", ready: false, failure: words });
  expect(state?.notices.at(-1)?.text).toEqual(words);
  for (const publisher of [good, bad]) publisher.send(clip.subarray(HALF));
  expect((await good.end()).code).toBe(1000);
  expect((await bad.end()).code).toBe(1000);
  expect(await liveOn(app.url, "good").then((live) => live?.notices ?? [])).toEqual([]);
  const [goodOne, badOne] = [await finishedOn(app.url, "good"), await finishedOn(app.url, "bad")];
  await expectPlays(app.url, goodOne.id, clip, 0);
  expect(badOne.bytes).toBe(clip.byteLength);
  expect((await readFile(join(app.folderOf("bad", badOne.id), "source.mkv"))).equals(clip)).toBe(true);
  expect(await fetchText(`${app.url}/live/good/master.m3u8`)).toContain("#EXTM3U");
});

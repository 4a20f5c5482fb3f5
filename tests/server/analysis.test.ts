import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { analysisEventList } from "../../server/protocol/analysis.ts";
import { startTestApp } from "../helpers/app.ts";
import { clips } from "../helpers/clips.ts";
import { decodeFrames } from "../helpers/media-ffmpeg.ts";
import { finishedOn } from "../helpers/millrace.ts";
import { publishHttp } from "../helpers/publish.ts";
import { tempFolder } from "../helpers/temp-folder.ts";

test("x", async () => {
  await using folder = await tempFolder();
  await using app = await startTestApp(folder.path, {
    MILLRACE_ANALYSIS: "on",
    MILLRACE_ANALYSIS_FPS: "all",
    MILLRACE_LOG_LEVEL: "info",
  });
  const clip = clips["VP8 and Opus in WebM"](3);
  await publishHttp(app.url, "channel", clip);
  const { id } = await finishedOn(app.url, "channel");
  const place = join(folder.path, "recordings/channel", id);
  console.log(await readdir(place));
  console.log(
    await readFile(join(place, "events.json"), "utf8"),
    decodeFrames("matroska", clip, "video").frames.length,
  );
  console.log(await (await fetch(`${app.url}/live/channel/manifest.mpd`)).text());
  console.log(await (await fetch(`${app.url}/live/channel/${id}/video0/playlist.m3u8`)).text());
  console.log(await (await fetch(`${app.url}/api/v1/channels`)).text());
  expect(
    analysisEventList.parse(await (await fetch(`${app.url}/recordings/${id}/events.json`)).json()).items.length,
  ).toBeGreaterThan(1);
}, 60_000);

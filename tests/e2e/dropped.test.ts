import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import type { Page } from "playwright-core";
import { type ChromiumSession, startChromium } from "../../scripts/example/chromium-session.ts";
import { fetchText, until } from "../../scripts/example/until.ts";
import { reachState } from "../../scripts/example/watching.ts";
import { clips } from "../helpers/clips.ts";
import { liveOn, type Millrace, startMillrace } from "../helpers/millrace.ts";
import { SocketPublisher } from "../helpers/publish.ts";
import { slowFfmpeg } from "../helpers/stand-in.ts";
import { type TempFolder, tempFolder } from "../helpers/temp-folder.ts";

const LIMIT_MS = 40_000;
const SECONDS = 90;
const clip = clips["H.264 and Opus in Matroska"](SECONDS);
const bytesPerSecond = clip.byteLength / SECONDS;

let folder: TempFolder;
let millrace: Millrace;
let chromium: ChromiumSession;
let publisher: SocketPublisher;

beforeAll(async () => {
  folder = await tempFolder();
  const ffmpeg = await slowFfmpeg(folder, {
    bytesPerSecond: bytesPerSecond * 0.25,
    pictures: 1,
    since: join(folder.path, "slow"),
  });
  millrace = await startMillrace({ MILLRACE_FFMPEG: ffmpeg, MILLRACE_LADDER: "ORIGINAL,80x46~150,64x36~100" });
  chromium = await startChromium();
  publisher = await SocketPublisher.connect(millrace.url, "card");
  void publisher.send(clip, { pieceBytes: 2048, bytesPerSecond });
}, 60_000);
afterAll(async () => {
  await publisher?.end();
  await chromium?.[Symbol.asyncDispose]();
  await millrace?.[Symbol.asyncDispose]();
  await folder?.[Symbol.asyncDispose]();
}, 30_000);

async function glance(page: Page) {
  return page.evaluate(() => {
    const video = document.querySelector("video");
    return { seconds: video?.currentTime ?? 0, height: video?.videoHeight ?? 0 };
  });
}

test("the dearest picture goes while viewers watch it, and all of them go on with another", async () => {
  const watch = async (delivery: string) => {
    const page = await chromium.context.newPage();
    await page.goto(`${millrace.url}/watch/card?delivery=${delivery}`);
    await reachState(page, "playing", LIMIT_MS);
    const options = page.locator("#rendition option");
    const value = await until({ what: "for the picture to be offered", limitMs: LIMIT_MS }, async () => {
      const all = await options.evaluateAll((each) =>
        each.map((option) => (option instanceof HTMLOptionElement ? [option.value, option.text] : [])),
      );
      return all.find(([, text]) => text?.startsWith("46"))?.[0];
    });
    await page.selectOption("#rendition", value);
    await until(
      { what: "for the picture", limitMs: LIMIT_MS },
      async () => (await glance(page)).height === 46 || undefined,
    );
    return { delivery, page };
  };
  const viewers = await Promise.all(["hls", "dash", "socket"].map(watch));
  await writeFile(join(folder.path, "slow"), "");
  const dropped = await until({ what: "for a picture to be dropped", limitMs: LIMIT_MS }, async () => {
    const live = await liveOn(millrace.url, "card");
    return live?.dropped.length === 1 ? live : undefined;
  });
  expect(dropped.dropped).toEqual([{ track: "video1", width: 80, height: 46 }]);
  expect(dropped.notices.map(({ text }) => text).join()).toContain("80x46 is not made any more");
  expect(await fetchText(`${millrace.url}/live/card/master.m3u8`)).not.toContain("80x46");
  for (const { delivery, page } of viewers) {
    const { seconds } = await glance(page);
    await until({ what: `for ${delivery} to go on`, limitMs: LIMIT_MS }, async () => {
      const now = await glance(page);
      return now.height !== 46 && now.seconds > seconds + 3 ? true : undefined;
    });
    await reachState(page, "playing", LIMIT_MS);
  }
}, 120_000);

import { expect, test } from "@jest/globals";
import type { Page } from "playwright-core";
import { until } from "../../scripts/example/until.ts";
import { reachState } from "../../scripts/example/watching.ts";
import { clips } from "../helpers/clips.ts";
import { oneForAll } from "../helpers/lifetime.ts";
import { finishedOn } from "../helpers/millrace.ts";
import { publishHttp, SocketPublisher } from "../helpers/publish.ts";
import { startSite } from "../helpers/site.ts";
import { placeOf } from "../helpers/watching.ts";

const LIMIT_MS = 30_000;
const SECONDS = 20;
const clip = clips["H.264 and Opus in Matroska"](SECONDS);

const site = oneForAll(() => startSite({ MILLRACE_PREVIEW_SECONDS: "2" }));

/** The picture over the seek bar once it is this one, and what stands below it. */
async function shown(page: Page, number: number): Promise<string> {
  await until({ what: `for picture ${number} over the seek bar`, limitMs: LIMIT_MS }, () =>
    page.$eval(
      "#seek-picture",
      (element, name) => {
        const image = element as HTMLImageElement;
        return (image.checkVisibility() && image.src.endsWith(name) && image.naturalWidth === 320) || undefined;
      },
      `/previews/${number}.jpg`,
    ),
  );
  return page.innerText("#seek-time");
}

test("a recording shows what is where on its seek bar: under the pointer, while dragging, and after a key", async () => {
  await publishHttp(site().url, "recorded", clip);
  const { id } = await finishedOn(site().url, "recorded");
  const page = await site().open(`/watch/recording/${id}`);
  await reachState(page, "playing", LIMIT_MS);
  await page.click("#play");
  expect(await page.isVisible("#seek-bubble")).toBe(false);
  const bar = await page.locator("#rewind").boundingBox();
  if (bar === null) throw new Error("there is no seek bar");
  const at = (share: number) => [bar.x + bar.width * share, bar.y + bar.height / 2] as const;

  await page.mouse.move(...at(0.55));
  expect(await shown(page, 5)).toMatch(/^0:1[01]$/);
  expect(await placeOf(page)).toBeLessThan(8);

  await page.mouse.down();
  await page.mouse.move(...at(0.77), { steps: 5 });
  expect(await shown(page, 7)).toBe("0:15");
  await page.mouse.up();
  await until({ what: "for the place to be reached", limitMs: LIMIT_MS }, async () =>
    Math.abs((await placeOf(page)) - 15.4) < 0.3 ? true : undefined,
  );
  await page.mouse.move(10, 10);
  await page.locator("#seek-bubble").waitFor({ state: "hidden", timeout: LIMIT_MS });

  await page.locator("#rewind").blur();
  await page.keyboard.press("ArrowLeft");
  expect(await shown(page, 5)).toBe("0:10");
  await page.locator("#seek-bubble").waitFor({ state: "hidden", timeout: LIMIT_MS });
  await page.close();
});

test("the home page shows what is live, anew with every image, and a picture of each recording", async () => {
  const publisher = await SocketPublisher.connect(site().url, "shown");
  const sending = publisher.send(clip, { pieceBytes: 4096, seconds: SECONDS });
  const home = await site().open("/");
  const live = home.locator("#live .picture img");
  await live.waitFor({ timeout: LIMIT_MS });
  const source = () => live.getAttribute("src");
  const first = await source();
  expect(await live.evaluate((image) => (image as HTMLImageElement).naturalWidth)).toBe(320);
  await until({ what: "for another picture", limitMs: LIMIT_MS }, async () =>
    (await source()) === first ? undefined : true,
  );
  await sending;
  await publisher.end();
  await finishedOn(site().url, "shown");
  const cover = home.locator("#recordings .row-item", { hasText: "shown" }).locator(".picture img");
  await until({ what: "for the recording's picture", limitMs: LIMIT_MS }, () =>
    cover
      .first()
      .evaluate((image) => (image as HTMLImageElement).naturalWidth === 320 || undefined)
      .catch(() => undefined),
  );
  await home.close();
});

/** What a player of somebody else's has for each second of a recording, in a page that has only this player. */
async function imagesOf(library: string, script: string): Promise<string[]> {
  const page = await site().context.newPage();
  try {
    await page.goto(`${site().url}/time`);
    await page.setContent("<video muted></video>");
    await page.addScriptTag({ path: `node_modules/${library}` });
    await page.addScriptTag({ content: `const video = document.querySelector("video"); const found = []; ${script}` });
    return await until({ what: `for the images in ${library}`, limitMs: LIMIT_MS }, async () => {
      const text = await page.evaluate(() => document.body.dataset.found);
      return text === undefined ? undefined : text.split(" ");
    });
  } finally {
    await page.close();
  }
}

test("dash.js finds the images in the manifest, and shaka-player those in the playlist", async () => {
  await publishHttp(site().url, "elsewhere", clip);
  const { id } = await finishedOn(site().url, "elsewhere");
  const folder = `${site().url}/recordings/${id}`;
  const wanted = Array.from({ length: SECONDS }, (_, second) => `${folder}/previews/${Math.floor(second / 2)}.jpg`);
  const report = "document.body.dataset.found = found.join(' ');";
  const dash = await imagesOf(
    "dashjs/dist/modern/umd/dash.all.min.js",
    `const player = dashjs.MediaPlayer().create();
    player.updateSettings({ debug: { logLevel: 0 } });
    player.on("playbackMetaDataLoaded", () => {
      for (let second = 0; second < ${SECONDS}; second++) {
        player.provideThumbnail(second + 0.5, (image) => found.push(image?.url ?? "none"));
      }
      ${report}
    });
    player.initialize(video, "${folder}/manifest.mpd", false);`,
  );
  expect(dash).toEqual(wanted);
  const hls = await imagesOf(
    "shaka-player/dist/shaka-player.compiled.js",
    `(async () => {
      const player = new shaka.Player();
      await player.attach(video);
      await player.load("${folder}/master.m3u8");
      const [track] = player.getImageTracks();
      for (let second = 0; second < ${SECONDS}; second++) {
        found.push((await player.getThumbnails(track.id, second + 0.5))?.uris[0] ?? "none");
      }
      ${report}
    })().catch((error) => { document.body.dataset.found = String(error.code ?? error); });`,
  );
  expect(hls).toEqual(wanted);
});

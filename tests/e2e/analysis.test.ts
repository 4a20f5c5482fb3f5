import { expect, test } from "@jest/globals";
import type { Page } from "playwright-core";
import { until } from "../../scripts/example/until.ts";
import { reachState } from "../../scripts/example/watching.ts";
import { oneForAll } from "../helpers/lifetime.ts";
import { finishedOn } from "../helpers/millrace.ts";
import { publishHttp } from "../helpers/publish.ts";
import { publishInRealTime, scenes } from "../helpers/scenes.ts";
import { startSite } from "../helpers/site.ts";
import { placeOf } from "../helpers/watching.ts";

const LIMIT_MS = 45_000;
const SECONDS = 8;
const clip = scenes();

const site = oneForAll(() => startSite({ MILLRACE_ANALYSIS: "on" }));

/** The page at one moment. */
interface Look {
  readonly isDark: boolean;
  /** The page says that a black picture is on screen. */
  readonly isMarked: boolean;
}

/** Looks at picture and list together, for as long as the page says of a black picture that it is on screen. */
function lookWhileMarked(page: Page): Promise<Look[]> {
  return page.evaluate(async () => {
    const video = document.querySelector<HTMLVideoElement>("video#player");
    const context = Object.assign(document.createElement("canvas"), { width: 16, height: 9 }).getContext("2d", {
      willReadFrequently: true,
    });
    const looks: Look[] = [];
    while (video !== null && context !== null) {
      context.drawImage(video, 0, 0, 16, 9);
      const { data } = context.getImageData(0, 0, 16, 9);
      const green = data.filter((_, at) => at % 4 === 1);
      const isDark = green.reduce((sum, each) => sum + each, 0) / green.length < 25;
      const current = [...document.querySelectorAll('.event[aria-current="true"]')];
      const isMarked = current.some(({ textContent }) => textContent?.includes("Black picture"));
      looks.push({ isDark, isMarked });
      if (!isMarked && looks.filter((look) => look.isMarked).length > 5) return looks;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    return looks;
  });
}

test("live over each delivery, the page tells of black while the picture on screen is black", async () => {
  await using _publisher = publishInRealTime(`${site().url}/publish/show`, scenes(5));
  const deliveries = ["socket", "hls", "dash"];
  const pages = await Promise.all(deliveries.map((delivery) => site().open(`/watch/show?delivery=${delivery}`)));
  const looks = await Promise.all(pages.map(lookWhileMarked));
  for (const [index, page] of pages.entries()) {
    const marked = looks[index]?.filter(({ isMarked }) => isMarked) ?? [];
    const share = marked.filter(({ isDark }) => isDark).length / marked.length;
    // What begins and ends is known a little late; black is 3 s of 8.
    const isInSync = share > 0.5;
    expect({ delivery: deliveries[index], share, isInSync }).toMatchObject({ isInSync: true });
    expect(await page.locator("#levels").innerText()).toContain("brightness");
    await page.close();
  }
});

test("a recording has marks below its seek bar and a list that leads to them, with keys, too", async () => {
  await publishHttp(site().url, "recorded", clip);
  const { id } = await finishedOn(site().url, "recorded");
  const page = await site().open(`/watch/recording/${id}`);
  await reachState(page, "playing", LIMIT_MS);
  await page.click("#play");
  const black = page.locator(".event", { hasText: "Black picture" });
  await black.waitFor({ timeout: LIMIT_MS });
  expect(await black.innerText()).toMatch(/0:02\s+Black picture\s+(2\.\d|3\.0) s/);
  const bar = await page.locator("#rewind").boundingBox();
  const mark = await page.locator('#marks span[data-type="black"]').boundingBox();
  if (bar === null || mark === null) throw new Error("there is no bar, or no mark below it");
  expect((mark.x - bar.x) / bar.width).toBeCloseTo(2.1 / SECONDS, 1);
  expect(mark.width / bar.width).toBeCloseTo(3 / SECONDS, 1);
  await black.focus();
  await page.keyboard.press("Enter");
  await until({ what: "for the picture to be there", limitMs: LIMIT_MS }, async () =>
    (await black.getAttribute("aria-current")) === "true" ? true : undefined,
  );
  expect(await placeOf(page)).toBeCloseTo(2.1, 0);
  await page.close();
});

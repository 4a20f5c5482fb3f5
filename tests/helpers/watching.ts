import type { Page } from "playwright-core";
import { until } from "../../scripts/example/until.ts";
import { reachState } from "../../scripts/example/watching.ts";

/** How long a page may take for what it is waited for. */
const PAGE_LIMIT_MS = 30_000;

/** What a page's video has played. */
export interface Played {
  readonly seconds: number;
  /** Pictures since the player opened: one that opens anew, as between two containers, begins to count anew. */
  readonly pictures: number;
  readonly width: number;
  readonly height: number;
}

/** Looks at a page's video; throws when it has failed. */
export async function glance(page: Page): Promise<Played> {
  const { error, ...played } = await page.$eval("video#player", (element) => {
    if (!(element instanceof HTMLVideoElement)) throw new Error("the player is no video");
    const { currentTime: seconds, videoWidth: width, videoHeight: height, error } = element;
    const { totalVideoFrames: pictures } = element.getVideoPlaybackQuality();
    return { seconds, pictures, width, height, error: error?.message ?? "" };
  });
  if (error !== "") throw new Error(`the player says: ${error}`);
  return played;
}

/** Where a page's video is, in seconds. */
export async function placeOf(page: Page): Promise<number> {
  return (await glance(page)).seconds;
}

/** Where a page's video began to play, in seconds, however long ago that was. */
export function beganAt(page: Page): Promise<number> {
  return page.$eval("video#player", (element) => {
    if (!(element instanceof HTMLVideoElement) || element.played.length === 0)
      throw new Error("nothing has played yet");
    return element.played.start(0);
  });
}

/** Puts a page's video somewhere else. */
export function seek(page: Page, seconds: number): Promise<void> {
  return page.$eval(
    "video#player",
    (video, to) => {
      if (video instanceof HTMLVideoElement) video.currentTime = to;
    },
    seconds,
  );
}

/** Waits until a page has played `seconds` more, without an error; answers with how many pictures that were. */
export async function plays(page: Page, seconds: number): Promise<number> {
  await reachState(page, "playing", PAGE_LIMIT_MS);
  const from = await glance(page);
  let [pictures, last] = [0, from];
  await until({ what: `for ${seconds} s to be played`, limitMs: PAGE_LIMIT_MS }, async () => {
    const now = await glance(page);
    pictures += now.pictures < last.pictures ? now.pictures : now.pictures - last.pictures;
    last = now;
    return now.seconds - from.seconds >= seconds ? true : undefined;
  });
  return pictures;
}

/** Waits until a page offers the rendition whose label begins with its height, and chooses it. */
export async function chooseRendition(page: Page, height: number): Promise<void> {
  const options = page.locator("#rendition option");
  const value = await until({ what: `for ${height} lines to be offered`, limitMs: PAGE_LIMIT_MS }, async () => {
    const all = await options.evaluateAll((each) =>
      each.map((option) => (option instanceof HTMLOptionElement ? [option.value, option.text] : [])),
    );
    return all.find(([, text]) => text?.startsWith(String(height)))?.[0];
  });
  await page.selectOption("#rendition", value);
}

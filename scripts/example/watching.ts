import type { BrowserContext, Page } from "playwright-core";
import { until } from "./until.ts";

const START_LIMIT_MS = 30_000;
/** How much must be played, and how long that may take. */
const PLAYED_SECONDS = 10;
const PLAY_LIMIT_MS = 30_000;
const DELAY_LIMIT_MS = 10_000;
/** The fake camera makes 20 pictures a second or more; half of that is a player that still moves. */
const FEWEST_FRAMES = PLAYED_SECONDS * 10;

/** A watch page, and what went wrong in it since it was opened. */
export interface Viewer {
  readonly page: Page;
  readonly failures: readonly string[];
}

/** What a viewer saw while it played {@link PLAYED_SECONDS}. */
export interface Playback {
  readonly width: number;
  readonly height: number;
  readonly frames: number;
  readonly mediaSeconds: number;
  readonly wallSeconds: number;
}

/** One look at the page's video. */
interface Glance {
  readonly seconds: number;
  readonly frames: number;
  readonly width: number;
  readonly height: number;
  readonly error: string;
}

/** Opens a watch page and notes whatever fails in it. */
export async function openViewer(context: BrowserContext, url: string): Promise<Viewer> {
  const page = await context.newPage();
  const failures: string[] = [];
  page.on("pageerror", (error) => failures.push(error.message));
  await page.goto(url);
  return { page, failures };
}

/** Waits until the video plays, then until it played long enough. Throws when the player fails or stands still. */
export async function watch(viewer: Viewer, delivery: string): Promise<Playback> {
  await reachState(viewer.page, "playing", START_LIMIT_MS);
  const used = await viewer.page.getAttribute("#status", "data-delivery");
  if (used !== delivery) throw new Error(`asked for ${delivery}, the page uses ${used}`);

  const beganMs = Date.now();
  const first = await glance(viewer.page);
  const last = await until({ what: `for ${PLAYED_SECONDS} s to be played`, limitMs: PLAY_LIMIT_MS }, async () => {
    await failIfBroken(viewer);
    const now = await glance(viewer.page);
    return now.seconds - first.seconds >= PLAYED_SECONDS ? now : undefined;
  });
  const frames = last.frames - first.frames;
  if (frames < FEWEST_FRAMES) throw new Error(`only ${frames} pictures were shown`);
  return {
    width: last.width,
    height: last.height,
    frames,
    mediaSeconds: last.seconds - first.seconds,
    wallSeconds: (Date.now() - beganMs) / 1000,
  };
}

/** Waits for a page's `#status` to be in a state; throws at once if it is `error` instead. */
export async function reachState(page: Page, wanted: string, limitMs = START_LIMIT_MS): Promise<void> {
  await until({ what: `for ${new URL(page.url()).pathname} to say ${wanted}`, limitMs }, async () => {
    const state = await page.getAttribute("#status", "data-state");
    if (state === "error" && wanted !== "error") throw new Error(`the page says: ${await page.innerText("#status")}`);
    return state === wanted ? true : undefined;
  });
}

/** How far behind live the page says it is. */
export async function readDelay({ page }: Viewer): Promise<string> {
  return until({ what: "for the page to say how far behind live it is", limitMs: DELAY_LIMIT_MS }, async () => {
    const text = (await page.textContent("#delay"))?.trim() ?? "";
    return text === "" ? undefined : text;
  });
}

async function failIfBroken({ page, failures }: Viewer): Promise<void> {
  const { error } = await glance(page);
  const state = await page.getAttribute("#status", "data-state");
  if (state === "error") throw new Error(`the page says: ${await page.innerText("#status")}`);
  if (error !== "") throw new Error(`the video has an error: ${error}`);
  if (failures.length > 0) throw new Error(`the page failed: ${failures.join("; ")}`);
}

function glance(page: Page): Promise<Glance> {
  return page.$eval("video#player", (element) => {
    const video = element as HTMLVideoElement;
    return {
      seconds: video.currentTime,
      frames: video.getVideoPlaybackQuality().totalVideoFrames,
      width: video.videoWidth,
      height: video.videoHeight,
      error: video.error === null ? "" : `${video.error.code} ${video.error.message}`,
    };
  });
}

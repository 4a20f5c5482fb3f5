import { readdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import type { Page } from "playwright-core";
import { z } from "zod";
import { type ChromiumSession, startChromium } from "../../scripts/example/chromium-session.ts";
import { until } from "../../scripts/example/until.ts";
import { reachState } from "../../scripts/example/watching.ts";
import { clips } from "../helpers/clips.ts";
import { ffprobe, finishedOn, type Millrace, startMillrace } from "../helpers/millrace.ts";
import { publishHttp, SocketPublisher } from "../helpers/publish.ts";

const LIMIT_MS = 30_000;
const SECONDS = 120;
/** Of a picture at 30 fps: two frames, and what a busy machine makes of them. */
const LONGEST_BREAK_SECONDS = 0.2;
const CLEAN_TURNS = 2;
const BROKEN_TURNS = 2;
const RUNGS = ["video0", "video1", "video2"];
const HEIGHTS = { original: 90, small: 46 };
const clip = clips["H.264 and Opus in Matroska"](SECONDS);

const packets = z.object({ packets: z.array(z.object({ pts_time: z.string(), flags: z.string() })) });

let millrace: Millrace;
let chromium: ChromiumSession;
let publisher: SocketPublisher;

beforeAll(async () => {
  millrace = await startMillrace({ MILLRACE_LADDER: "ORIGINAL,80x46~150,64x36-15~100" });
  chromium = await startChromium();
  publisher = await SocketPublisher.connect(millrace.url, "card");
  void publisher.send(clip, { pieceBytes: 2048, bytesPerSecond: clip.byteLength / SECONDS });
}, 60_000);
afterAll(async () => {
  await publisher?.end();
  await chromium?.[Symbol.asyncDispose]();
  await millrace?.[Symbol.asyncDispose]();
}, 30_000);

/** A picture that was on screen: when, in ms; its place in the broadcast, in seconds; its height. */
type Shown = readonly [number, number, number];

/** Notes every picture that is shown from now on. */
async function notePictures(page: Page): Promise<void> {
  await page.evaluate(() => {
    const video = document.querySelector("video");
    const shown: [number, number, number][] = [];
    Object.assign(globalThis, { shown });
    const note = (now: number, { mediaTime, height }: VideoFrameCallbackMetadata) => {
      shown.push([now, mediaTime, height]);
      video?.requestVideoFrameCallback(note);
    };
    video?.requestVideoFrameCallback(note);
  });
}

function picturesOf(page: Page): Promise<Shown[]> {
  return page.evaluate((): Shown[] => Reflect.get(globalThis, "shown"));
}

/** Waits until pictures of this height have been shown for a second. */
async function shows(page: Page, height: number): Promise<void> {
  await until({ what: `for pictures of ${height} lines`, limitMs: LIMIT_MS }, async () => {
    const shown = await picturesOf(page);
    return shown.length > 30 && shown.slice(-30).every(([, , each]) => each === height) ? true : undefined;
  });
}

/** Chooses the rendition whose label begins with its height. */
async function choose(page: Page, height: number): Promise<void> {
  const options = page.locator("#rendition option");
  const value = await until({ what: `for ${height} lines to be offered`, limitMs: LIMIT_MS }, async () => {
    const all = await options.evaluateAll((each) =>
      each.map((option) => (option instanceof HTMLOptionElement ? [option.value, option.text] : [])),
    );
    return all.find(([, text]) => text?.startsWith(String(height)))?.[0];
  });
  await page.selectOption("#rendition", value);
}

/** The longest that the picture stood still or left out, in seconds, from picture `from` on. */
async function longestBreak(page: Page, from: number): Promise<number> {
  const shown = (await picturesOf(page)).slice(from);
  const steps = shown.slice(1).map(([, at], index) => at - (shown[index]?.[1] ?? at));
  const waits = shown.slice(1).map(([ms], index) => (ms - (shown[index]?.[0] ?? ms)) / 1000);
  // A busy machine shows a picture late, and the next one soon after it: that is no break.
  const stood = waits.map((wait, index) => wait + Math.min(0, (waits[index + 1] ?? 0) - 1 / 30));
  return Math.max(...steps, ...stood);
}

describe.each(["hls", "dash", "socket"])("over %s", (delivery) => {
  test("a viewer changes the rendition and back, and the picture goes on without a break", async () => {
    const page = await chromium.context.newPage();
    await page.goto(`${millrace.url}/watch/card?delivery=${delivery}`);
    await reachState(page, "playing", LIMIT_MS);
    await choose(page, HEIGHTS.original);
    await notePictures(page);
    await shows(page, HEIGHTS.original);
    const breaks: number[] = [];
    const isClean = (seconds: number) => seconds <= LONGEST_BREAK_SECONDS;
    // Whatever else the machine does may stop a picture as well: what the change itself does, it does most times.
    while (breaks.filter(isClean).length < CLEAN_TURNS) {
      const { length } = await picturesOf(page);
      await choose(page, HEIGHTS.small);
      await shows(page, HEIGHTS.small);
      await choose(page, HEIGHTS.original);
      await shows(page, HEIGHTS.original);
      breaks.push(await longestBreak(page, length - 1));
      expect(breaks.filter((seconds) => !isClean(seconds)).length).toBeLessThanOrEqual(BROKEN_TURNS);
    }
    await page.close();
  }, 90_000);
});

describe.each([
  ["passed through", "H.264 and Opus in Matroska"],
  ["encoded", "VP8 and Opus in WebM"],
] as const)("where ORIGINAL is %s", (how, name) => {
  test("ffprobe finds every segment to begin with a key frame at the same time on all rungs, one at half the rate", async () => {
    const channel = how.replaceAll(" ", "-");
    expect(await publishHttp(millrace.url, channel, clips[name](9))).toMatchObject({ status: 201 });
    const { id } = await finishedOn(millrace.url, channel);
    const folder = join(millrace.dataDir, "recordings", channel, id);
    const starts = RUNGS.map((rung) => segmentStarts(join(folder, rung, "0")));
    expect(starts[0]?.length).toBeGreaterThanOrEqual(4);
    expect(starts[0]?.every(({ isKey }) => isKey)).toBe(true);
    for (const rung of starts) expect(rung).toEqual(starts[0]);
    const frames = (rung: string) => packetsOf(join(folder, rung, "0"), 1).length;
    expect(frames("video2")).toBeLessThan(frames("video0") * 0.6);
  }, 60_000);
});

/** When each segment of a rung begins, in seconds, and whether with a key frame. */
function segmentStarts(folder: string) {
  const numbers = readdirSync(folder)
    .map((file) => /^(\d+)\.m4s$/.exec(file)?.[1])
    .filter((number) => number !== undefined);
  return numbers
    .map(Number)
    .toSorted((a, b) => a - b)
    .map((number) => {
      const [first] = packetsOf(folder, number);
      return { number, start: Number(first?.pts_time).toFixed(3), isKey: first?.flags.startsWith("K") };
    });
}

function packetsOf(folder: string, number: number) {
  const address = `concat:${join(folder, "init.mp4")}|${join(folder, `${number}.m4s`)}`;
  return packets.parse(ffprobe(address, ["-show_entries", "packet=pts_time,flags"])).packets;
}

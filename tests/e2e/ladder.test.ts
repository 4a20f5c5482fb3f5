import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import type { Page } from "playwright-core";
import { z } from "zod";
import { until } from "../../scripts/example/until.ts";
import { clips } from "../helpers/clips.ts";
import { oneForAll } from "../helpers/lifetime.ts";
import { ffprobe, finishedOn } from "../helpers/millrace.ts";
import { publishHttp, SocketPublisher } from "../helpers/publish.ts";
import { startSite } from "../helpers/site.ts";
import { chooseRendition } from "../helpers/watching.ts";

const LIMIT_MS = 45_000;
const SECONDS = 100;
/** Of a picture at 30 fps: two frames, and what a busy machine makes of them. */
const LONGEST_BREAK_SECONDS = 0.2;
const CLEAN_TURNS = 2;
const TURNS = 6;
const RUNGS = ["video0", "video1", "video2"];
const HEIGHTS = { original: 90, small: 46 };
const clip = clips["H.264 and Opus in Matroska"](SECONDS);

const packets = z.object({ packets: z.array(z.object({ pts_time: z.string(), flags: z.string() })) });

const site = oneForAll(() => startSite({ MILLRACE_LADDER: "ORIGINAL,80x46~150,64x36-15~100" }));

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

/** Waits until pictures of this height have been shown for half a second. */
async function shows(page: Page, height: number): Promise<void> {
  await until({ what: `for pictures of ${height} lines`, limitMs: LIMIT_MS }, async () => {
    const shown = await picturesOf(page);
    return shown.length > 15 && shown.slice(-15).every(([, , each]) => each === height) ? true : undefined;
  });
}

/**
 * How long the picture stood still or what it left out where its size changed, in seconds, beyond what it does all the
 * time on a busy machine: of ten steps from one picture to the next, nine are no longer than a third of what is allowed.
 */
function breaksOf(shown: readonly Shown[]): number[] {
  const steps = shown.slice(1).map(([ms, at, height], index) => {
    const [lastMs, lastAt, lastHeight] = shown[index] ?? [ms, at, height];
    return { seconds: Math.max((ms - lastMs) / 1000, at - lastAt), changes: height !== lastHeight };
  });
  const usual = steps.map(({ seconds }) => seconds).toSorted((a, b) => a - b)[Math.floor(steps.length * 0.9)] ?? 0;
  const allowed = Math.max(LONGEST_BREAK_SECONDS, 3 * usual);
  return steps.filter(({ changes, seconds }) => changes && seconds > allowed).map(({ seconds }) => seconds);
}

describe.each(["hls", "dash", "socket"])("over %s", (delivery) => {
  test("a viewer changes the rendition and back, and the picture goes on without a break", async () => {
    const channel = `card-${delivery}`;
    const publisher = await SocketPublisher.connect(site().url, channel);
    const sending = publisher.send(clip, { pieceBytes: 2048, seconds: SECONDS });
    const page = await site().watch(channel, delivery);
    await chooseRendition(page, HEIGHTS.original);
    await notePictures(page);
    await shows(page, HEIGHTS.original);
    let clean = 0;
    const broken: number[][] = [];
    // Whatever else the machine does may stop a picture as well: what the change itself does, it does most times.
    while (clean < CLEAN_TURNS && broken.length < TURNS - CLEAN_TURNS) {
      const { length } = await picturesOf(page);
      await chooseRendition(page, HEIGHTS.small);
      await shows(page, HEIGHTS.small);
      await chooseRendition(page, HEIGHTS.original);
      await shows(page, HEIGHTS.original);
      const breaks = breaksOf((await picturesOf(page)).slice(length - 1));
      if (breaks.length === 0) clean += 1;
      else broken.push(breaks);
    }
    expect({ clean, broken }).toMatchObject({ clean: CLEAN_TURNS });
    await page.close();
    await publisher.end();
    await sending;
  });
});

describe.each([
  ["passed through", "H.264 and Opus in Matroska"],
  ["encoded", "VP8 and Opus in WebM"],
] as const)("where ORIGINAL is %s", (how, name) => {
  test("ffprobe finds every segment to begin with a key frame at the same time on all rungs, one at half the rate", async () => {
    const channel = how.replaceAll(" ", "-");
    expect(await publishHttp(site().url, channel, clips[name](9))).toMatchObject({ status: 201 });
    const { id } = await finishedOn(site().url, channel);
    const folder = site().folderOf(channel, id);
    const starts = RUNGS.map((rung) => segmentStarts(join(folder, rung, "0")));
    expect(starts[0]?.length).toBeGreaterThanOrEqual(4);
    expect(starts[0]?.every(({ isKey }) => isKey)).toBe(true);
    for (const rung of starts) expect(rung).toEqual(starts[0]);
    const frames = (rung: string) => packetsOf(join(folder, rung, "0"), 1).length;
    expect(frames("video2")).toBeLessThan(frames("video0") * 0.6);
  });
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

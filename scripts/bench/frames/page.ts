import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { CDPSession, Page } from "playwright-core";
import { z } from "zod";
import { startChromium } from "../../example/chromium-session.ts";
import { descendantsOf } from "../../example/processes.ts";
import { startServer } from "../../example/server-process.ts";
import { reachState } from "../../example/watching.ts";
import { type Row, round } from "../report.ts";
import { residentMiB } from "../usage.ts";

const LIMIT_MS = 30_000;
/** How often the page is looked at; the first time when its code and buffers are there. */
const LOOKS = 10;
const WARM_UP_MS = 15_000;
const MEBIBYTE = 1024 * 1024;

const heapUsage = z.object({ usedSize: z.number() });
const domCounters = z.object({ nodes: z.number(), jsEventListeners: z.number() });

/** Shows images in the watch page for minutes, and tells what it holds in between; `publish` sends them meanwhile. */
export async function watchForMinutes(
  minutes: number,
  publish: (framesUrl: string, seconds: number) => Promise<void>,
): Promise<Row[]> {
  const dataDir = await mkdtemp(join(tmpdir(), "millrace-bench-"));
  const ports = { MILLRACE_PORT: "0", MILLRACE_FRAMES_PORT: "0" };
  const settings = { ...ports, MILLRACE_DATA_DIR: dataDir, MILLRACE_LOG_LEVEL: "warn", MILLRACE_RECORD: "off" };
  const server = await startServer(settings);
  try {
    await using chromium = await startChromium();
    // The page has to be there until the last look: what comes behind that is not seen.
    const sending = publish(server.framesUrl ?? "", minutes * 60 + (WARM_UP_MS + LIMIT_MS) / 1000);
    const page = await chromium.context.newPage();
    await page.goto(`${server.url}/watch/frames?delivery=frames`);
    await reachState(page, "playing", LIMIT_MS);
    const session = await chromium.context.newCDPSession(page);
    const rows: Row[] = [];
    await sleep(WARM_UP_MS);
    for (let look = 0; look < LOOKS; look++) {
      const from = { at: performance.now(), images: await imagesOf(page) };
      await sleep((minutes * 60_000) / LOOKS);
      const elapsed = (performance.now() - from.at) / 1000;
      const rate = ((await imagesOf(page)) - from.images) / elapsed;
      const after = round((minutes * (look + 1)) / LOOKS, 1);
      const row = { "after, min": after, "images a second on screen": round(rate, 1), ...(await held(session)) };
      console.error(JSON.stringify(row));
      rows.push(row);
    }
    await page.close();
    await sending;
    return rows;
  } finally {
    await server.stop();
    await rm(dataDir, { recursive: true, force: true });
  }
}

function imagesOf(page: Page): Promise<number> {
  return page.evaluate(() => document.querySelector("video")?.getVideoPlaybackQuality().totalVideoFrames ?? 0);
}

/** What the page holds once its garbage is gone. */
async function held(session: CDPSession): Promise<Row> {
  await session.send("HeapProfiler.collectGarbage");
  const { usedSize } = heapUsage.parse(await session.send("Runtime.getHeapUsage"));
  const { nodes, jsEventListeners } = domCounters.parse(await session.send("Memory.getDOMCounters"));
  return {
    "JavaScript heap, MiB": round(usedSize / MEBIBYTE, 2),
    "DOM nodes": nodes,
    listeners: jsEventListeners,
    "largest Chromium process, MiB": round(largestChromium(), 0),
  };
}

/** Image buffers are no part of the heap: they are in the processes that decode and show. */
function largestChromium(): number {
  const browsers = descendantsOf(process.pid).filter(({ name }) => /chrom/i.test(name));
  return Math.max(...browsers.map(({ pid }) => residentMiB(pid)));
}

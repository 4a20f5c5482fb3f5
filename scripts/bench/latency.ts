import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { BrowserContext, Page } from "playwright-core";
import { aboutSetting } from "../../server/settings.ts";
import { startChromium } from "../example/chromium-session.ts";
import { type ServerProcess, startServer } from "../example/server-process.ts";
import { fetchText, until } from "../example/until.ts";
import { reachState } from "../example/watching.ts";
import { type Benchmark, median, numberOption, type Row, textOption } from "./report.ts";

const CHANNEL = "latency";
const LIMIT_MS = 30_000;
/** Before anything is measured: encoder, page and player have found their pace. */
const SETTLE_MS = 8_000;
/** How much of the beginning and of the end is compared for drift. */
const EDGE_SECONDS = 60;

/** One way to watch, as the watch page's address has it. */
interface Delivery {
  readonly name: string;
  readonly query: string;
}

const DELIVERIES: readonly Delivery[] = [
  { name: "socket", query: "delivery=socket" },
  { name: "LL-HLS in hls.js", query: "delivery=hls" },
  { name: "LL-DASH in dash.js", query: "delivery=dash" },
  { name: "HLS in hls.js", query: "delivery=hls&pace=relaxed" },
];

/** What becomes of the test card's H.264. */
const ENCODINGS: readonly { readonly name: string; readonly ladder: string }[] = [
  { name: "passed through", ladder: "ORIGINAL" },
  { name: "transcoded", ladder: "640x360~1500" },
  { name: "default ladder", ladder: aboutSetting("MILLRACE_LADDER")?.initial ?? "ORIGINAL" },
];

/** Glass to glass: the test card's clock is read back from the pixels on screen. Everything on this machine. */
export const latency: Benchmark = {
  name: "latency",
  about:
    "glass to glass for each delivery, read from the pixels (--seconds 60 --joins 5 --delivery socket --encoding transcoded)",
  run: async (args) => {
    const plan: Plan = {
      seconds: numberOption(args, "seconds", 60),
      joins: numberOption(args, "joins", 5),
      deliveries: DELIVERIES.filter(({ name }) => name.includes(textOption(args, "delivery", ""))),
    };
    const encodings = ENCODINGS.filter(({ name }) => name.includes(textOption(args, "encoding", "")));
    const rows: Row[] = [];
    for (const encoding of encodings) rows.push(...(await measureEncoding(encoding, plan)));
    return rows;
  },
};

interface Plan {
  readonly seconds: number;
  readonly joins: number;
  readonly deliveries: readonly Delivery[];
}

async function measureEncoding({ name, ladder }: (typeof ENCODINGS)[number], plan: Plan): Promise<Row[]> {
  const dataDir = await mkdtemp(join(tmpdir(), "millrace-bench-"));
  const settings = { MILLRACE_PORT: "0", MILLRACE_DATA_DIR: dataDir, MILLRACE_LADDER: ladder };
  const server = await startServer({ ...settings, MILLRACE_LOG_LEVEL: "error" });
  try {
    await using chromium = await startChromium();
    const startMs = await startBroadcast(chromium.context, server);
    const rows: Row[] = [];
    for (const delivery of plan.deliveries) {
      const first = delivery.name === "socket" ? { "Start to a waiting viewer, ms": Math.round(startMs) } : {};
      const row = await measureDelivery(chromium.context, server, delivery, plan);
      rows.push({ encoding: name, delivery: delivery.name, ...row, ...first });
    }
    return rows;
  } finally {
    await server.stop();
    await rm(dataDir, { recursive: true, force: true });
  }
}

/** Presses Start while a viewer waits; resolves with the ms until that viewer sees the first picture. */
async function startBroadcast(context: BrowserContext, { url }: ServerProcess): Promise<number> {
  const waiting = await open(context, `${url}/watch/${CHANNEL}?measure=1`);
  await reachState(waiting, "offline", LIMIT_MS);
  const publisher = await open(context, `${url}/capture?channel=${CHANNEL}&source=testcard&width=640&height=360`);
  // The test card is on the preview before Start can be pressed.
  await until({ what: "for the preview", limitMs: LIMIT_MS }, () =>
    publisher.$eval("video#preview", (video) => ((video as HTMLVideoElement).readyState >= 2 ? true : undefined)),
  );
  const pressedMs = await publisher.$eval("#start", (button) => {
    (button as HTMLButtonElement).click();
    return performance.timeOrigin + performance.now();
  });
  const openedMs = await waiting.evaluate(() => performance.timeOrigin);
  const firstFrameMs = await figure(waiting, "firstFrameMs");
  await waiting.close();
  // So that every delivery has something to begin with.
  await until({ what: "for the playlist", limitMs: LIMIT_MS }, () => fetchText(`${url}/live/${CHANNEL}/master.m3u8`));
  return openedMs + firstFrameMs - pressedMs;
}

async function measureDelivery(
  context: BrowserContext,
  { url }: ServerProcess,
  { query }: Delivery,
  plan: Plan,
): Promise<Row> {
  const address = `${url}/watch/${CHANNEL}?measure=1&${query}`;
  const joins: number[] = [];
  for (let count = 0; count < plan.joins; count++) {
    const page = await open(context, address);
    joins.push(await figure(page, "firstFrameMs"));
    await page.close();
    // Not in step with the key frames.
    await sleep(300 * Math.random());
  }
  const page = await open(context, `${address}&measure-after=${SETTLE_MS}`);
  await figure(page, "firstFrameMs");
  const recent = await watchFor(page, plan.seconds + SETTLE_MS / 1000);
  const [p5, p50, p95, p99, stalls, pictures] = await Promise.all(
    ["p5", "p50", "p95", "p99", "stalls", "pictures"].map((name) => figure(page, name)),
  );
  await page.close();
  return {
    "p5, ms": p5 ?? 0,
    "p50, ms": p50 ?? 0,
    "p95, ms": p95 ?? 0,
    "p99, ms": p99 ?? 0,
    "join, ms (median)": Math.round(median(joins)),
    "join, ms (worst)": Math.round(Math.max(0, ...joins)),
    stalls: stalls ?? 0,
    pictures: pictures ?? 0,
    ...driftOf(recent),
  };
}

/** The p50 of the last seconds, asked once a second. */
async function watchFor(page: Page, seconds: number): Promise<number[]> {
  const recent: number[] = [];
  const end = performance.now() + seconds * 1000;
  while (performance.now() < end) {
    await sleep(1000);
    recent.push(await figure(page, "recentP50"));
  }
  return recent.slice(SETTLE_MS / 1000);
}

/** Long runs only: how far the last minute's delay is from the first's. */
function driftOf(recent: readonly number[]): Row {
  if (recent.length < 3 * EDGE_SECONDS) return {};
  const drift = median(recent.slice(-EDGE_SECONDS)) - median(recent.slice(0, EDGE_SECONDS));
  return { "last minute against the first, ms": Math.round(drift) };
}

async function open(context: BrowserContext, address: string): Promise<Page> {
  const page = await context.newPage();
  await page.goto(address);
  return page;
}

/** A figure of `#measure`, as soon as it is there. */
function figure(page: Page, name: string): Promise<number> {
  return until({ what: `for ${name} of ${page.url()}`, limitMs: LIMIT_MS }, async () => {
    const text = await page.$eval("#measure", (element, key) => (element as HTMLElement).dataset[key], name);
    return text === undefined ? undefined : Number(text);
  });
}

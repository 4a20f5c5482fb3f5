import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { WebSocket } from "ws";
import { liveStats } from "../../server/protocol/stats.ts";
import { jpegHeader, makeImages, prefixed } from "../../tests/helpers/images.ts";
import { startServer } from "../example/server-process.ts";
import { until } from "../example/until.ts";
import { watchForMinutes } from "./frames/page.ts";
import { type Benchmark, numberOption, type Row, round } from "./report.ts";
import { cpuSeconds, peakMemoryMiB } from "./usage.ts";

const FPS = 60;
const IMAGE_BYTES = 75_000;
/** The first images find connections and buffers that are new. */
const WARM_UP_SECONDS = 2;

/** What image frames cost, and how soon they are there. The publisher and all viewers are one process beside the server. */
export const frames: Benchmark = {
  name: "frames",
  about:
    "image frames, 60 a second of 75 kB, to 1, 10 and 50 viewers: delivered, skipped, delay (--seconds 10); " +
    "or what the watch page's memory does in so many minutes of them (--page-minutes 10)",
  run: async (args) => {
    const minutes = numberOption(args, "page-minutes", 0);
    if (minutes > 0) return watchForMinutes(minutes, publish);
    const seconds = numberOption(args, "seconds", 10);
    const rows: Row[] = [];
    for (const viewers of [1, 10, 50]) rows.push(await measure(viewers, seconds));
    return rows;
  },
};

async function measure(count: number, seconds: number): Promise<Row> {
  const dataDir = await mkdtemp(join(tmpdir(), "millrace-bench-"));
  const ports = { MILLRACE_PORT: "0", MILLRACE_FRAMES_PORT: "0", MILLRACE_LADDER: "ORIGINAL" };
  const server = await startServer({ ...ports, MILLRACE_DATA_DIR: dataDir, MILLRACE_LOG_LEVEL: "warn" });
  const delays: number[] = [];
  let isMeasured = false;
  try {
    const sending = publish(server.framesUrl ?? "", seconds + WARM_UP_SECONDS);
    const address = `${server.url.replace("http", "ws")}/live/frames/frames?wait=1`;
    const viewers = Array.from({ length: count }, () => new WebSocket(address));
    for (const viewer of viewers) {
      viewer.on("message", (data: Buffer, isBinary: boolean) => {
        if (isBinary && isMeasured) delays.push(performance.now() - data.readDoubleBE(data.byteLength - 8));
      });
    }
    await until({ what: "for the viewers" }, () => viewers.every(({ readyState }) => readyState === 1) || undefined);
    await sleep(WARM_UP_SECONDS * 1000);
    const before = { cpu: cpuSeconds(server.pid), at: performance.now(), skipped: await skipped(server.url) };
    isMeasured = true;
    await sleep((seconds - 1) * 1000);
    isMeasured = false;
    const elapsed = (performance.now() - before.at) / 1000;
    const cpu = (cpuSeconds(server.pid) - before.cpu) / elapsed;
    const left = (await skipped(server.url)) - before.skipped;
    await sending;
    for (const viewer of viewers) viewer.terminate();
    const sorted = delays.toSorted((a, b) => a - b);
    const at = (share: number) => round(sorted[Math.floor(sorted.length * share)] ?? Number.NaN, 1);
    return {
      what: `${count} viewers`,
      "images a second and viewer": round(delays.length / elapsed / count, 1),
      "skipped, %": round((100 * left) / Math.max(1, left + delays.length), 2),
      "delay p50, ms": at(0.5),
      "delay p95, ms": at(0.95),
      "delay p99, ms": at(0.99),
      "CPU of the server, % of a core": round(cpu * 100, 1),
      "peak memory of the server, MiB": round(peakMemoryMiB(server.pid), 0),
    };
  } finally {
    await server.stop();
    await rm(dataDir, { recursive: true, force: true });
  }
}

/** Publishes to the channel `frames` for so many seconds. */
async function publish(framesUrl: string, seconds: number): Promise<void> {
  const { hostname, port } = new URL(framesUrl);
  const publisher = connect(Number(port), hostname).setNoDelay(true);
  await once(publisher, "connect");
  await send(publisher, seconds);
}

/** Sends images of a fixed size, each with the moment at which it left at its end, where no decoder looks. */
async function send(publisher: NodeJS.WritableStream, seconds: number): Promise<void> {
  const pictures = makeImages("jpeg", FPS, "640x360");
  const began = performance.now();
  for (let number = 0; number < seconds * FPS; number++) {
    await sleep(Math.max(0, began + (number * 1000) / FPS - performance.now()));
    const image = Buffer.alloc(IMAGE_BYTES);
    (pictures[number % FPS] ?? jpegHeader(640, 360)).copy(image);
    image.writeDoubleBE(performance.now(), IMAGE_BYTES - 8);
    if (!publisher.write(prefixed(image))) await once(publisher, "drain");
  }
  publisher.end(Buffer.alloc(4));
}

async function skipped(url: string): Promise<number> {
  const { items } = liveStats.parse(await (await fetch(`${url}/api/v1/stats`)).json());
  return items[0]?.frames.skipped ?? 0;
}

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { WebSocket } from "ws";
import { LIVE_SUBPROTOCOL } from "../../server/protocol/live.ts";
import { type ServerProcess, startServer } from "../example/server-process.ts";
import { until } from "../example/until.ts";
import { makeCamera, publishPaced } from "./load.ts";
import { type Benchmark, numberOption, type Row, round } from "./report.ts";
import { cpuSeconds } from "./usage.ts";

/** As often as the watch page reports, and as the studio asks. */
const REPORT_MS = 5_000;
const ASK_MS = 2_000;
const CAMERA_SECONDS = 10;
const SETTLE_MS = 3_000;

/** What the statistics of many viewers cost: nobody, viewers that say nothing, viewers that report with the studio open. */
export const statistics: Benchmark = {
  name: "statistics",
  about: "CPU of the statistics of N viewers who report, with the studio asking (--viewers 1000 --seconds 20)",
  run: async (args) => {
    const viewers = numberOption(args, "viewers", 1_000);
    const seconds = numberOption(args, "seconds", 20);
    const dataDir = await mkdtemp(join(tmpdir(), "millrace-bench-"));
    const server = await startServer({
      MILLRACE_PORT: "0",
      MILLRACE_DATA_DIR: dataDir,
      MILLRACE_LOG_LEVEL: "warn",
      MILLRACE_LADDER: "ORIGINAL",
    });
    const stop = new AbortController();
    try {
      const camera = makeCamera("h264", CAMERA_SECONDS);
      const publishing = keepLive(server.url, camera, stop.signal);
      const rows = await measureAll(server, { viewers, seconds });
      stop.abort();
      await publishing;
      return rows;
    } finally {
      stop.abort();
      await server.stop();
      await rm(dataDir, { recursive: true, force: true });
    }
  },
};

async function measureAll(server: ServerProcess, plan: { viewers: number; seconds: number }): Promise<Row[]> {
  await until({ what: "for the broadcast" }, async () => (await isLive(server.url)) || undefined);
  const rows: Row[] = [];
  const measure = async (what: string) => {
    await sleep(SETTLE_MS);
    const before = { cpu: cpuSeconds(server.pid), at: performance.now() };
    await sleep(plan.seconds * 1000);
    const elapsed = (performance.now() - before.at) / 1000;
    const percent = (100 * (cpuSeconds(server.pid) - before.cpu)) / elapsed;
    const [nobody = percent] = rows.map((row) => Number(row["CPU of the server, % of a core"]));
    rows.push({
      what,
      "CPU of the server, % of a core": round(percent, 1),
      "more than nobody, %": round(percent - nobody, 1),
    });
  };
  await measure("nobody watches");
  const sockets = await connectAll(server.url, plan.viewers);
  await measure(`${plan.viewers} viewers, paused, who say nothing`);
  const timers = sockets.map((socket, index) => reportFrom(socket, (REPORT_MS * index) / sockets.length));
  await measure("the same, each reporting every 5 s");
  const asking = setInterval(() => void ask(server.url), ASK_MS);
  await measure("the same, and the studio asks for everything every 2 s");
  clearInterval(asking);
  for (const timer of timers) timer.stop();
  for (const socket of sockets) socket.terminate();
  return rows;
}

/** Publishes the same camera again and again: each time is a broadcast, viewers go from one to the next. */
async function keepLive(url: string, camera: Uint8Array, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) await publishPaced(`${url.replace("http", "ws")}/publish/bench`, camera, CAMERA_SECONDS);
}

async function isLive(url: string): Promise<boolean> {
  const stats: unknown = await (await fetch(`${url}/api/v1/stats`)).json();
  return JSON.stringify(stats).includes(`"channel":"bench"`);
}

/** Viewers that have paused cost next to nothing beside what they tell. */
async function connectAll(url: string, count: number): Promise<WebSocket[]> {
  const address = `${url.replace("http", "ws")}/live/bench/socket?wait=1`;
  const sockets = Array.from({ length: count }, () => new WebSocket(address, LIVE_SUBPROTOCOL));
  await until(
    { what: "for the viewers", limitMs: 30_000 },
    () => sockets.every(({ readyState }) => readyState === 1) || undefined,
  );
  for (const socket of sockets) socket.send(JSON.stringify({ type: "pause" }));
  return sockets;
}

function reportFrom(socket: WebSocket, afterMs: number): { stop(): void } {
  let timer: NodeJS.Timeout | undefined;
  const report = { type: "report", bufferMs: 90, delayMs: 210, stalls: 0, droppedFrames: 0, rendition: "video0" };
  const say = () => socket.send(JSON.stringify({ ...report, roundTripMs: 12, joinMs: 250, kbps: 5_000 }));
  const first = setTimeout(() => {
    say();
    timer = setInterval(say, REPORT_MS);
  }, afterMs);
  return {
    stop: () => {
      clearTimeout(first);
      clearInterval(timer);
    },
  };
}

async function ask(url: string): Promise<void> {
  const stats: unknown = await (await fetch(`${url}/api/v1/stats`)).json();
  const id = /"broadcast":"([^"]+)"/.exec(JSON.stringify(stats))?.[1];
  const paths = [
    "/api/v1/stats/server",
    `/api/v1/broadcasts/${id}/viewers`,
    `/api/v1/broadcasts/${id}/history`,
    "/metrics",
  ];
  await Promise.all(paths.map(async (path) => (await fetch(`${url}${path}`)).arrayBuffer()));
}

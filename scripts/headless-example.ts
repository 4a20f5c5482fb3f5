import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { messageOf } from "../server/core/errors.ts";
import { startChromium } from "./example/chromium-session.ts";
import { type ManifestReport, readDash, readHls } from "./example/manifests.ts";
import { descendantsOf, type Process, survivors } from "./example/processes.ts";
import { type ServerProcess, startServer } from "./example/server-process.ts";
import { fetchText, until } from "./example/until.ts";
import { openViewer, type Playback, reachState, readDelay, type Viewer, watch } from "./example/watching.ts";

const CHANNEL = "example";
const LIVE_LIMIT_MS = 20_000;
const END_LIMIT_MS = 30_000;

/** Reads a delivery's manifest below a channel's address. */
type ReadManifest = (channelUrl: string) => Promise<ManifestReport>;

/** Every delivery there is, and how its manifest is read; the socket has none. */
const DELIVERIES: readonly { name: string; read?: ReadManifest }[] = [
  { name: "socket" },
  { name: "hls", read: readHls },
  { name: "dash", read: readDash },
];

/** A broadcast from a fake camera, watched over every delivery; throws when anything was not as it should be. */
async function main(): Promise<void> {
  const before = descendantsOf(process.pid).map(({ pid }) => pid);
  const dataDir = await mkdtemp(join(tmpdir(), "millrace-example-"));
  try {
    const server = await startServer({
      MILLRACE_HOST: "127.0.0.1",
      MILLRACE_PORT: "0",
      MILLRACE_DATA_DIR: dataDir,
      MILLRACE_LOG_LEVEL: "warn",
      MILLRACE_PAGES: "on",
      MILLRACE_PUBLISH: "open",
    });
    const seen: Process[] = [];
    try {
      await broadcast(server, seen);
    } finally {
      await stopServer(server, seen);
    }
    await nothingIsLeft(descendantsOf(process.pid).filter(({ pid }) => !before.includes(pid)));
  } finally {
    await rm(dataDir, { recursive: true, force: true });
  }
}

/** Publishes and watches; the server's children are added to `seen` while they are at work. */
async function broadcast(server: ServerProcess, seen: Process[]): Promise<void> {
  await using chromium = await startChromium();
  const began = Date.now();
  const publisher = await chromium.context.newPage();
  await publisher.goto(new URL(`/capture?source=camera&autostart=1&channel=${CHANNEL}`, server.url).href);
  await reachState(publisher, "live", LIVE_LIMIT_MS);
  report("publish", `live after ${seconds(Date.now() - began)}`);

  const channelUrl = new URL(`/live/${CHANNEL}/`, server.url).href;
  await until({ what: "for the manifest", limitMs: LIVE_LIMIT_MS }, () => fetchText(`${channelUrl}manifest.mpd`));
  report("manifest", `there after ${seconds(Date.now() - began)}`);

  const viewers: Viewer[] = [];
  for (const { name, read } of DELIVERIES) {
    const viewer = await openViewer(chromium.context, new URL(`/watch/${CHANNEL}?delivery=${name}`, server.url).href);
    viewers.push(viewer);
    const playback = await watch(viewer, name);
    reportPlayback(name, playback, await readDelay(viewer));
    if (read !== undefined) reportManifest(name, await read(channelUrl));
  }
  seen.push(...descendantsOf(server.pid));
  await endBroadcast(publisher, viewers, channelUrl);
}

async function endBroadcast(publisher: Page, viewers: readonly Viewer[], channelUrl: string): Promise<void> {
  await publisher.click("#stop");
  await reachState(publisher, "ended", END_LIMIT_MS);
  for (const { page } of viewers) await reachState(page, "ended", END_LIMIT_MS);
  for (const { name, read } of DELIVERIES) {
    if (read === undefined) continue;
    await until({ what: `for the end of ${name}`, limitMs: END_LIMIT_MS }, async () =>
      (await read(channelUrl)).isEnded ? true : undefined,
    );
  }
  report("end", "every watch page says so, the playlist has ENDLIST, the manifest is static");
}

async function stopServer(server: ServerProcess, seen: readonly Process[]): Promise<void> {
  const code = await server.stop();
  if (code !== 0) throw new Error(`the server ended with ${code}`);
  await nothingIsLeft(seen);
  report("server", `ended with 0, its children are gone: ${seen.map(({ name }) => name).join(", ")}`);
}

async function nothingIsLeft(processes: readonly Process[]): Promise<void> {
  await until({ what: `for the end of ${processes.map(({ name }) => name).join(", ")}`, limitMs: 5000 }, () =>
    survivors(processes).length === 0 ? true : undefined,
  );
}

function reportPlayback(
  name: string,
  { width, height, frames, mediaSeconds, wallSeconds }: Playback,
  delay: string,
): void {
  report(name, `${width}×${height}, ${delay} behind live`);
  report(name, `${mediaSeconds.toFixed(1)} s played in ${wallSeconds.toFixed(1)} s, ${frames} pictures`);
}

function reportManifest(name: string, { codecs, segmentSeconds }: ManifestReport): void {
  report(name, `${codecs}, segments of ${segmentSeconds.map((length) => length.toFixed(2)).join(" ")} s`);
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}

function report(topic: string, text: string): void {
  console.log(`${topic.padEnd(9)} ${text}`);
}

await main().then(
  () => console.log("The example works."),
  (error: unknown) => {
    console.error(`The example does not work: ${messageOf(error)}`);
    process.exitCode = 1;
  },
);

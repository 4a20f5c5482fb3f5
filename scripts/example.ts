import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { loadEnvironment, parseSettings } from "../server/config.ts";
import { messageOf } from "../server/core/errors.ts";
import { type ServerProcess, startServer } from "./example/server-process.ts";
import { fetchText, until } from "./example/until.ts";

const CHANNEL = "example";

/** Runs the server with the two pages open in the default browser, until a key is pressed or a signal comes. */
async function main(): Promise<void> {
  const environment = loadEnvironment(process.cwd());
  const { http, rtmpPort, framesPort } = parseSettings(environment);
  const port = (await isFree(http.host, http.port)) ? http.port : 0;
  if (port !== http.port) console.log(`Port ${http.port} is taken, so a free one is used.`);

  const stop = new AbortController();
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(name, () => stop.abort());
  const server = await startServer({
    MILLRACE_PORT: String(port),
    MILLRACE_RTMP_PORT: await portSetting(http.host, rtmpPort),
    MILLRACE_FRAMES_PORT: await portSetting(http.host, framesPort),
    MILLRACE_LOG_LEVEL: environment.MILLRACE_LOG_LEVEL ?? "warn",
  });
  void server.exited.then(() => stop.abort());
  stopOnAnyKey(stop);

  await openPages(server, stop.signal).catch((error: unknown) => {
    if (!stop.signal.aborted) console.error(messageOf(error));
  });
  if (!stop.signal.aborted) await once(stop.signal, "abort");
  releaseKeys();
  const code = await server.stop();
  console.log(code === 0 ? "Stopped." : `The server ended with ${code}.`);
  process.exitCode = code === 0 ? 0 : 1;
}

async function openPages(server: ServerProcess, signal: AbortSignal): Promise<void> {
  const capture = new URL(`/capture?channel=${CHANNEL}&source=camera&autostart=1`, server.url).href;
  const watch = new URL(`/watch/${CHANNEL}`, server.url).href;
  console.log(`Publish: ${capture}\nWatch:   ${watch}\nAny key or Ctrl-C ends it.`);
  openInBrowser(capture);

  const manifest = new URL(`/live/${CHANNEL}/manifest.mpd`, server.url).href;
  await until({ what: "for the manifest", signal }, () => fetchText(manifest));
  console.log("Live.");
  openInBrowser(watch);
}

/** Without a desktop there is nothing to open; the addresses are on the screen. */
function openInBrowser(url: string): void {
  const isMac = process.platform === "darwin";
  const hasDesktop = (process.env.DISPLAY ?? process.env.WAYLAND_DISPLAY ?? "") !== "";
  if (!isMac && !hasDesktop) return;
  const opener = spawn(isMac ? "open" : "xdg-open", [url], { stdio: "ignore", detached: true });
  opener.on("error", () => console.log(`No browser could be opened; please open ${url}`));
  opener.unref();
}

async function isFree(host: string, port: number): Promise<boolean> {
  const probe = createServer();
  probe.listen(port, host);
  const free = await once(probe, "listening").then(
    () => true,
    () => false,
  );
  if (free) await once(probe.close(), "close");
  return free;
}

/** The port that is set, a free one where that is taken, or off. */
async function portSetting(host: string, port: number | undefined): Promise<string> {
  if (port === undefined) return "off";
  return (await isFree(host, port)) ? String(port) : "0";
}

/** In raw mode every key counts, Ctrl-C too. The end of an input that is no keyboard is no key. */
function stopOnAnyKey(stop: AbortController): void {
  if (process.stdin.isTTY) process.stdin.setRawMode(true);
  process.stdin.once("data", () => stop.abort());
  process.stdin.on("error", () => {});
}

function releaseKeys(): void {
  if (process.stdin.isTTY) process.stdin.setRawMode(false);
  process.stdin.destroy();
}

await main().catch((error: unknown) => {
  console.error(messageOf(error));
  process.exitCode = 1;
});

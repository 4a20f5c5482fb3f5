import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../", import.meta.url));
const READY = /^Millrace is ready: (\S+)/;
const READY_LIMIT_MS = 30_000;
/** Several servers run at a time: who wants another way in says so. */
const FEW_PORTS = { MILLRACE_RTMP_PORT: "off", MILLRACE_FRAMES_PORT: "off" };
const RTMP = /^RTMP: (\S+)\/live\/CHANNEL$/;
const FRAMES = /^Image frames: (\S+)$/;
/** The server promises to end within 10 s. */
const STOP_LIMIT_MS = 12_000;

/** The built server as a child process. */
export interface ServerProcess {
  readonly url: string;
  /** How RTMP addresses begin; undefined unless the settings ask for RTMP. */
  readonly rtmpUrl: string | undefined;
  /** Where publishers of image frames connect to; undefined unless the settings ask for it. */
  readonly framesUrl: string | undefined;
  readonly pid: number;
  /** The exit code, or null after a signal. */
  readonly exited: Promise<number | null>;
  /** Asks the server to end, and kills it with all of its children when it does not in time. */
  stop(): Promise<number | null>;
}

/**
 * Starts `dist/server/main.js` with `settings` on top of the environment and waits for its ready line. The rest of what
 * it prints goes to this process's stderr.
 */
export async function startServer(settings: Readonly<Record<string, string>>): Promise<ServerProcess> {
  const child = spawn(process.execPath, ["dist/server/main.js"], {
    cwd: root,
    env: { ...process.env, ...FEW_PORTS, ...settings },
    stdio: ["ignore", "pipe", "inherit"],
    // A group of its own: Ctrl-C reaches only us, and we end the server in order.
    detached: true,
  });
  const exited = once(child, "exit").then(([code]) => code as number | null);
  const stop = () => stopGroup(child, exited);
  try {
    const urls = await within(READY_LIMIT_MS, Promise.race([readyUrls(child), failWhenGone(exited)]));
    return { ...urls, pid: child.pid ?? 0, exited, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function readyUrls(child: ChildProcess): Promise<Pick<ServerProcess, "url" | "rtmpUrl" | "framesUrl">> {
  let rtmpUrl: string | undefined;
  let framesUrl: string | undefined;
  return new Promise((resolve) => {
    if (child.stdout === null) return;
    createInterface({ input: child.stdout }).on("line", (line) => {
      const url = READY.exec(line)?.[1];
      rtmpUrl ??= RTMP.exec(line)?.[1];
      framesUrl ??= FRAMES.exec(line)?.[1];
      if (url === undefined) process.stderr.write(`${line}\n`);
      else resolve({ url, rtmpUrl, framesUrl });
    });
  });
}

async function failWhenGone(exited: Promise<number | null>): Promise<never> {
  throw new Error(`the server ended with ${await exited} before it was ready`);
}

async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  const timer = new AbortController();
  const late = sleep(ms, undefined, { signal: timer.signal }).then(() => {
    throw new Error(`the server was not ready within ${ms / 1000} s`);
  });
  // Aborted or lost, nobody waits for it any more.
  late.catch(() => {});
  return Promise.race([work, late]).finally(() => timer.abort());
}

async function stopGroup(child: ChildProcess, exited: Promise<number | null>): Promise<number | null> {
  if (child.pid === undefined) return null;
  if (child.exitCode === null && child.signalCode === null) child.kill("SIGTERM");
  const timer = setTimeout(() => killGroup(child.pid ?? 0), STOP_LIMIT_MS);
  return exited.finally(() => clearTimeout(timer));
}

function killGroup(group: number): void {
  console.error(`The server did not end within ${STOP_LIMIT_MS / 1000} s and is killed.`);
  try {
    process.kill(-group, "SIGKILL");
  } catch {
    // Gone in the meantime.
  }
}

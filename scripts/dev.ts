import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { watch } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import pretty from "pino-pretty";

const root = fileURLToPath(new URL("../", import.meta.url));
const STOP_LIMIT_MS = 12_000;

/** An editor writes several files, or one of them twice, when it saves. */
const SETTLE_MS = 100;

/** One of the programs that run side by side. */
interface Tool {
  readonly name: string;
  readonly child: ChildProcess;
}

/** Server and pages, each with reload on change. One Ctrl-C ends them all, and so does the end of one. */
async function main(): Promise<void> {
  compileServer();
  const tools = [startServer(), startPages()];
  const stop = new AbortController();
  const watching = compileOnChange(stop.signal);

  const ended = await Promise.race([signalled(), ...tools.map(({ name, child }) => exitOf(name, child))]);
  console.log(`\n${ended}: ending all`);
  stop.abort();
  await Promise.all([watching, ...tools.map(stopTool)]);
}

/** What does not compile is shown, and the server goes on with what it has. */
function compileServer(): void {
  const { status } = spawnSync("node_modules/.bin/tsc", ["-p", "tsconfig.build.json"], { cwd: root, stdio: "inherit" });
  if (status === 0) console.log("Server compiled.");
}

/**
 * The native compiler's own watch mode sees no changes on some file systems, and on Node 20 it survives its parent; a
 * whole compilation takes less than a second.
 */
async function compileOnChange(signal: AbortSignal): Promise<void> {
  let settling: NodeJS.Timeout | undefined;
  try {
    for await (const _change of watch(join(root, "server"), { recursive: true, signal })) {
      clearTimeout(settling);
      settling = setTimeout(compileServer, SETTLE_MS);
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    clearTimeout(settling);
  }
}

function startPages(): Tool {
  const child = spawn("node_modules/.bin/vite", [], {
    cwd: root,
    stdio: ["pipe", "inherit", "inherit"],
    detached: true,
  });
  return { name: "pages", child };
}

function startServer(): Tool {
  const args = ["--watch", "--watch-preserve-output", "dist/server/main.js"];
  const child = spawn(process.execPath, args, { cwd: root, stdio: ["ignore", "pipe", "inherit"], detached: true });
  child.stdout.pipe(pretty({ ignore: "pid,hostname" }));
  return { name: "server", child };
}

/** The handlers stay: who runs us may pass a signal on that came to all of us already, and that must not end us halfway. */
function signalled(): Promise<string> {
  return new Promise((resolve) => {
    for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(name, () => resolve(name));
  });
}

async function exitOf(name: string, child: ChildProcess): Promise<string> {
  const [code] = await once(child, "exit");
  return `${name} ended with ${code}`;
}

/** Asks the program itself, which asks its own children in order; kills all of them when that takes too long. */
async function stopTool({ child }: Tool): Promise<void> {
  if (child.pid === undefined) return;
  const { pid } = child;
  const isGone = child.exitCode !== null || child.signalCode !== null;
  const exit = isGone ? Promise.resolve() : once(child, "exit");
  kill(pid, "SIGTERM");
  const timer = setTimeout(() => kill(-pid, "SIGKILL"), STOP_LIMIT_MS);
  await exit;
  clearTimeout(timer);
}

function kill(target: number, signal: NodeJS.Signals): void {
  try {
    process.kill(target, signal);
  } catch {
    // Gone already.
  }
}

await main();

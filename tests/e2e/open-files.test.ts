import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { join } from "node:path";
import { afterEach, expect, test } from "@jest/globals";
import { until } from "../../scripts/example/until.ts";
import { clips } from "../helpers/clips.ts";
import { finishedOn } from "../helpers/millrace.ts";
import { publishHttp } from "../helpers/publish.ts";
import { type TempFolder, tempFolder } from "../helpers/temp-folder.ts";

/** Few, and enough to start: modules are read many at a time. */
const FEW_FILES = 256;
const MAIN = join(import.meta.dirname, "../../dist/server/main.js");

/** The real server with few open files, and all that it says. */
class Starved {
  readonly child: ChildProcess;
  readonly #folder: TempFolder;
  said = "";

  constructor(folder: TempFolder, openFiles: number, settings: Readonly<Record<string, string>> = {}) {
    this.#folder = folder;
    this.child = spawn("sh", ["-c", `ulimit -n ${openFiles}; exec "$0" "$1"`, process.execPath, MAIN], {
      env: {
        ...process.env,
        MILLRACE_PORT: "0",
        MILLRACE_FRAMES_PORT: "off",
        MILLRACE_RTMP_PORT: "off",
        MILLRACE_LOG_LEVEL: "warn",
        MILLRACE_DATA_DIR: join(folder.path, "data"),
        ...settings,
      },
      stdio: ["ignore", "pipe", "pipe"],
    });
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream?.setEncoding("utf8").on("data", (text: string) => {
        this.said += text;
      });
    }
  }

  url(): Promise<string> {
    return until({ what: "for the server", limitMs: 20_000 }, () => /is ready: (\S+)/.exec(this.said)?.[1]);
  }

  async exited(): Promise<number | null> {
    if (this.child.exitCode !== null) return this.child.exitCode;
    const [code] = (await once(this.child, "close")) as (number | null)[];
    return code ?? null;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.child.exitCode === null && this.child.signalCode === null) {
      this.child.kill("SIGTERM");
      await once(this.child, "close");
    }
    await this.#folder[Symbol.asyncDispose]();
  }
}

const sockets: Socket[] = [];
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
});

test("a crowd that takes all open files is turned away with one line that says why, and the server serves again", async () => {
  await using server = new Starved(await tempFolder(), FEW_FILES);
  const url = await server.url();
  let turnedAway = 0;
  for (let count = 0; count < 2 * FEW_FILES; count++) {
    const socket = connect(Number(new URL(url).port), "127.0.0.1");
    socket.on("error", () => {});
    socket.on("close", () => {
      turnedAway += 1;
    });
    sockets.push(socket);
  }
  await until({ what: "for most to be turned away", limitMs: 10_000 }, () => turnedAway >= FEW_FILES || undefined);
  expect(server.child.exitCode).toBeNull();
  expect(server.said.match(/ulimit -n/g)).toHaveLength(1);
  for (const socket of sockets.splice(0)) socket.destroy();
  const healthy = () => fetch(`${url}/healthz`, { headers: { connection: "close" } }).then(({ ok }) => ok || undefined);
  await until({ what: "for the server", limitMs: 10_000 }, () => healthy().catch(() => undefined));
}, 60_000);

test("a broadcast that meets the limit harms neither the server nor what comes later", async () => {
  const bytes = clips["H.264 and Opus in Matroska"](4);
  await using server = new Starved(await tempFolder(), FEW_FILES);
  const url = await server.url();
  const answers = await Promise.all(
    Array.from({ length: 40 }, (_, index) =>
      publishHttp(url, `crowd${index}`, bytes).then(
        ({ status }) => status,
        () => 0,
      ),
    ),
  );
  for (const status of answers) expect([0, 201, 503]).toContain(status);
  expect(server.child.exitCode).toBeNull();
  await until({ what: "for room", limitMs: 20_000 }, async () => {
    const { status } = await publishHttp(url, "later", bytes).catch(() => ({ status: 0 }));
    return status === 201 || undefined;
  });
  expect((await finishedOn(url, "later")).bytes).toBe(bytes.byteLength);
}, 90_000);

test("a start without enough of them ends with one line and exit code 1", async () => {
  await using server = new Starved(await tempFolder(), 30);
  expect(await server.exited()).toBe(1);
  expect(server.said).toMatch(/^Millrace cannot start: .*ulimit -n.*\n$/);
}, 30_000);

test("a port that is taken ends the start with one line and exit code 1", async () => {
  const taken = createServer().listen(0, "127.0.0.1");
  await once(taken, "listening");
  const address = taken.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  await using server = new Starved(await tempFolder(), 1024, { MILLRACE_PORT: String(port) });
  expect(await server.exited()).toBe(1);
  taken.close();
  expect(server.said).toBe(
    `Millrace cannot start: MILLRACE_PORT=${port} (on 127.0.0.1): another program uses this port; stop it, or choose another one\n`,
  );
}, 30_000);

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { until } from "../../scripts/example/until.ts";
import { type TempFolder, tempFolder } from "./temp-folder.ts";

const START_LIMIT_MS = 40_000;
const MAIN = join(import.meta.dirname, "../../dist/server/main.js");

/** The built server, with all that it says: for what is about its words, or about how it ends. */
export class LoggedServer implements AsyncDisposable {
  readonly child: ChildProcess;
  readonly #folder: TempFolder;
  said = "";

  /** It may have that many files open; as many as the system lets it when not given. */
  static async start(settings: Readonly<Record<string, string>> = {}, openFiles?: number): Promise<LoggedServer> {
    return new LoggedServer(await tempFolder(), settings, openFiles);
  }

  private constructor(folder: TempFolder, settings: Readonly<Record<string, string>>, openFiles?: number) {
    this.#folder = folder;
    const limit = openFiles === undefined ? "" : `ulimit -n ${openFiles}; `;
    this.child = spawn("sh", ["-c", `${limit}exec "$0" "$1"`, process.execPath, MAIN], {
      env: {
        ...process.env,
        MILLRACE_PORT: "0",
        MILLRACE_FRAMES_PORT: "off",
        MILLRACE_RTMP_PORT: "off",
        MILLRACE_LOG_LEVEL: "warn",
        MILLRACE_DATA_DIR: this.dataDir,
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

  get dataDir(): string {
    return join(this.#folder.path, "data");
  }

  /** Its address, as soon as it is ready. */
  async url(): Promise<string> {
    const ready = () => /is ready: (\S+)/.exec(this.said)?.[1];
    return until({ what: "for the server", limitMs: START_LIMIT_MS }, ready).catch((error: unknown) => {
      throw new Error(`the server is not ready, and has said “${this.said}”`, { cause: error });
    });
  }

  /** Its exit code; null after a signal. */
  async exited(): Promise<number | null> {
    if (this.child.exitCode === null && this.child.signalCode === null) await once(this.child, "close");
    return this.child.exitCode;
  }

  /** Asks it to end, and waits until it has. */
  async stop(): Promise<number | null> {
    this.child.kill("SIGTERM");
    return this.exited();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    await this.#folder[Symbol.asyncDispose]();
  }
}

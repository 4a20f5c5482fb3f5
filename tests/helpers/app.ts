import { join } from "node:path";
import { type App, startApp } from "../../server/app.ts";
import { parseSettings } from "../../server/config.ts";
import type { SourceTable } from "../../server/protocol/sources.ts";
import { tempFolder } from "./temp-folder.ts";

type Settings = Readonly<Record<string, string>>;

/** The server as a whole in this process, with its data: it may be stopped and started again. */
export class TestApp implements AsyncDisposable {
  readonly dataDir: string;
  readonly #settings: Settings;
  readonly #sources: SourceTable;
  readonly #clear: () => PromiseLike<void>;
  /** The newest; one that was stopped keeps its addresses, as those who still ask there do. */
  #app: App | undefined;

  constructor(dataDir: string, settings: Settings, sources: SourceTable, clear: () => PromiseLike<void>) {
    this.dataDir = dataDir;
    this.#settings = settings;
    this.#sources = sources;
    this.#clear = clear;
  }

  get url(): string {
    return this.#newest.url;
  }

  /** Empty without RTMP. */
  get rtmpUrl(): string {
    return this.#newest.rtmpUrl ?? "";
  }

  /** Empty without a port for images. */
  get framesUrl(): string {
    return this.#newest.framesUrl ?? "";
  }

  /** The folder of a recording. */
  folderOf(channel: string, id: string): string {
    return join(this.dataDir, "recordings", channel, id);
  }

  /** Starts it, at another address each time; `more` settings are on top of its own. */
  async start(more: Settings = {}): Promise<void> {
    const config = parseSettings({
      MILLRACE_PORT: "0",
      MILLRACE_RTMP_PORT: "off",
      MILLRACE_FRAMES_PORT: "off",
      MILLRACE_DATA_DIR: this.dataDir,
      MILLRACE_LOG_LEVEL: "silent",
      MILLRACE_PAGES: "off",
      MILLRACE_LADDER: "ORIGINAL",
      ...this.#settings,
      ...more,
    });
    this.#app = await startApp(config, { sources: this.#sources });
  }

  /** Stops it as a signal would; its data stay. */
  async stop(): Promise<void> {
    await this.#app?.[Symbol.asyncDispose]();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    await this.#clear();
  }

  get #newest(): App {
    if (this.#app === undefined) throw new Error("the server has not been started");
    return this.#app;
  }
}

/**
 * Starts a server on a free port, silent and without pages, with data of its own unless `settings` name a folder; they
 * are on top of what a test wants.
 */
export async function startTestApp(settings: Settings = {}, sources: SourceTable = {}): Promise<TestApp> {
  const own = settings.MILLRACE_DATA_DIR === undefined ? await tempFolder() : undefined;
  const dataDir = own?.path ?? settings.MILLRACE_DATA_DIR ?? "";
  const app = new TestApp(dataDir, settings, sources, async () => own?.[Symbol.asyncDispose]());
  try {
    await app.start();
    return app;
  } catch (error) {
    await app[Symbol.asyncDispose]();
    throw error;
  }
}

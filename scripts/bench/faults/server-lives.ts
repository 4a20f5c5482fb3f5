import { type ServerProcess, startServer } from "../../example/server-process.ts";

/** One server after the other at the same address, on the same data: each is killed before the next one begins. */
export class ServerLives implements AsyncDisposable {
  readonly #settings: Readonly<Record<string, string>>;
  #server: ServerProcess;

  /** Starts the first one, on a free port. */
  static async start(settings: Readonly<Record<string, string>>): Promise<ServerLives> {
    const all = { MILLRACE_HOST: "127.0.0.1", MILLRACE_LOG_LEVEL: "silent", ...settings };
    const server = await startServer({ ...all, MILLRACE_PORT: "0" });
    return new ServerLives({ ...all, MILLRACE_PORT: new URL(server.url).port }, server);
  }

  private constructor(settings: Readonly<Record<string, string>>, server: ServerProcess) {
    this.#settings = settings;
    this.#server = server;
  }

  get url(): string {
    return this.#server.url;
  }

  get pid(): number {
    return this.#server.pid;
  }

  /** Kills the present one, without a chance to do anything, and starts the next. */
  async kill(): Promise<void> {
    process.kill(this.pid, "SIGKILL");
    await this.#server.exited;
    this.#server = await startServer(this.#settings);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.stop();
  }
}

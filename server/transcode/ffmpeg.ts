import type { ChildProcess } from "node:child_process";
import type { Readable, Writable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import fluent, { type FfmpegCommand } from "fluent-ffmpeg";
import { LiveError } from "../core/errors.ts";
import { spareFiles } from "../core/open-files.ts";
import { Turns } from "../core/turns.ts";

/** Lines of FFmpeg's own words that are kept for the error. */
const LOG_LINES_KEPT = 20;
/** How long FFmpeg may take to go after being asked, before it is killed. */
const GRACE_MS = 2_000;
/** Open files that a new process takes for a moment, with room for what else is opened meanwhile. */
const FILES_TO_START = 24;
/** One process is started after the other, so that each can see what is left of the open files. */
const starts = new Turns();

/** One output: an address or a path, or what takes FFmpeg's standard output, and the options before it. */
export interface FfmpegOutput {
  readonly url: string | Writable;
  readonly options: readonly string[];
}

/** One FFmpeg to run. */
export interface FfmpegJob {
  readonly binary: string;
  /** A stream goes to its standard input; text is a path. */
  readonly input: Readable | string;
  readonly inputOptions: readonly string[];
  readonly outputs: readonly FfmpegOutput[];
}

/**
 * One running FFmpeg, and the only module that knows fluent-ffmpeg (archived upstream). It dies with its owner: dispose
 * it and no process is left; and when this process is killed, the end of its input ends it.
 */
export class Ffmpeg implements AsyncDisposable {
  /** Settles when the process is gone: resolves on a clean exit, rejects with `encoder_failed`. */
  readonly finished: Promise<void>;
  /** The whole command line, for the log; known once the process runs. */
  readonly command: Promise<string>;
  readonly #process: FfmpegCommand;
  readonly #log: string[] = [];
  #over = false;
  #stopping: Promise<void> | undefined;

  static start(job: FfmpegJob): Ffmpeg {
    return new Ffmpeg(job);
  }

  private constructor(job: FfmpegJob) {
    // stdoutLines bounds what the library keeps of FFmpeg's words.
    this.#process = fluent({ stdoutLines: LOG_LINES_KEPT }).setFfmpegPath(job.binary).input(job.input);
    this.#process.inputOptions(["-hide_banner", "-loglevel", "warning", "-nostats", ...job.inputOptions]);
    for (const { url, options } of job.outputs) this.#process.output(url).outputOptions([...options]);
    this.#process.on("stderr", (line: string) => this.#remember(line));
    this.command = new Promise((resolve) => this.#process.once("start", resolve));
    this.finished = this.#run();
    this.finished.catch(() => {});
  }

  /** Its process, once it runs. */
  get pid(): number | undefined {
    return processOf(this.#process)?.pid;
  }

  /** The last words of FFmpeg. */
  get log(): readonly string[] {
    return this.#log;
  }

  /** Asks FFmpeg to go, then kills it; resolves when it is gone. */
  [Symbol.asyncDispose](): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  /** Kills FFmpeg at once: one that does nothing would not hear that it is asked to go. */
  kill(): void {
    if (!this.#over) this.#process.kill("SIGKILL");
  }

  async #run(): Promise<void> {
    try {
      await new Promise<void>((resolve, reject) => {
        this.#process.once("start", () => onFailedStart(this.#process, reject));
        this.#process.once("end", () => resolve()).once("error", reject);
        starts.take(() => this.#begin()).catch(reject);
      });
    } catch (error) {
      if (this.#stopping !== undefined) return;
      const words = this.#log.at(-1) ?? "no words from it";
      const details = { log: [...this.#log] };
      throw new LiveError("encoder_failed", `FFmpeg ended early: ${words}`, { cause: error, details });
    } finally {
      this.#over = true;
    }
  }

  /** Resolves when the process runs or could not be started. */
  async #begin(): Promise<void> {
    await spareFiles(FILES_TO_START);
    this.#process.run();
    await new Promise<void>((resolve) => this.#process.once("start", () => resolve()).once("error", () => resolve()));
  }

  async #stop(): Promise<void> {
    // The library finds the binary's abilities first; there is no process to signal before that.
    await Promise.race([this.command, this.finished.catch(() => {})]);
    for (const signal of ["SIGTERM", "SIGKILL"] as const) {
      if (this.#over) return;
      this.#process.kill(signal);
      await this.#goneWithin(signal === "SIGTERM" ? GRACE_MS : GRACE_MS * 10);
    }
  }

  async #goneWithin(ms: number): Promise<void> {
    const timer = new AbortController();
    await Promise.race([this.finished.catch(() => {}), sleep(ms, undefined, { signal: timer.signal }).catch(() => {})]);
    timer.abort();
  }

  #remember(line: string): void {
    if (line.trim() === "") return;
    this.#log.push(line.trim());
    if (this.#log.length > LOG_LINES_KEPT) this.#log.shift();
  }
}

/**
 * Listens in the library's place for a process that cannot be started (no such file, too many processes): there the
 * library reads words that never came and throws where nobody can catch it.
 */
function onFailedStart(command: FfmpegCommand, listener: (error: Error) => void): void {
  processOf(command)?.removeAllListeners("error").once("error", listener);
}

/** The library's types keep quiet about it. */
function processOf(command: FfmpegCommand): ChildProcess | undefined {
  return (command as FfmpegCommand & { readonly ffmpegProc?: ChildProcess }).ffmpegProc;
}

/** Lets the library look at the binary's abilities once, so that the first broadcast need not wait for it. */
export function prepareFfmpeg(binary: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const done = (error: Error | null) => (error === null || error === undefined ? resolve() : reject(error));
    fluent()
      .setFfmpegPath(binary)
      .getAvailableFormats((error) => (error ? done(error) : fluent().getAvailableEncoders(done)));
  });
}

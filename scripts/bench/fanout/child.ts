import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { availableParallelism } from "node:os";
import type { z } from "zod";
import { programPath } from "./programs.ts";

/** The server has one core to itself, the viewers another. */
export const CORES = { server: 0, load: 1 } as const;

/** How a process is started. */
export interface ChildOptions {
  /** A program beside this file, built before. */
  readonly file: string;
  readonly core: number;
  readonly options: object;
  /** For Node itself, such as `--cpu-prof`. */
  readonly nodeArguments?: readonly string[];
}

/** A process of this benchmark on a core of its own. It answers each message with one, and ends when it is told to. */
export class Child implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #exited: Promise<unknown>;

  constructor({ file, core, options, nodeArguments = [] }: ChildOptions) {
    const node = [process.execPath, ...nodeArguments, programPath(file), JSON.stringify(options)];
    const [command = "", ...args] = canPin() ? ["taskset", "-c", String(core), ...node] : node;
    this.#child = spawn(command, args, { stdio: ["ignore", "ignore", "inherit", "ipc"] });
    this.#exited = once(this.#child, "exit");
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** The next message. Throws when the process ends instead. */
  async hear<S extends z.ZodType>(schema: S): Promise<z.infer<S>> {
    const gone = this.#exited.then(() => {
      throw new Error("a process of the benchmark has ended; what it said stands above");
    });
    const [message]: unknown[] = await Promise.race([once(this.#child, "message"), gone]);
    return schema.parse(message);
  }

  /** Says something and waits for the answer. */
  async ask<S extends z.ZodType>(message: object, schema: S): Promise<z.infer<S>> {
    const answer = this.hear(schema);
    this.#child.send(message);
    return answer;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.connected) this.#child.disconnect();
    await this.#exited;
  }
}

function canPin(): boolean {
  return availableParallelism() > 1 && existsSync("/usr/bin/taskset");
}

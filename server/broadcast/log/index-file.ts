import type { FileHandle } from "node:fs/promises";
import { open } from "node:fs/promises";
import { BatchWriter } from "../../core/batch-writer.ts";

/** A crash may cost the lines of this long; the log itself tells what they said, but for the arrival times. */
const EVERY_MS = 1_000;

/**
 * The sidecar of a log: what its bytes alone do not tell. Lines of text, appended in order:
 *
 * - `a OFFSET MS`: an append began at this offset and arrived at this Unix time
 * - `e OFFSET END KIND`: an epoch: init bytes of a container lie at [OFFSET, END)
 * - `r OFFSET SECONDS [HEX]`: a resync point, its media time, and the bytes that a decoder needs before it
 * - `end OFFSET`: the publisher ended cleanly
 */
export class IndexFile implements AsyncDisposable {
  readonly #file: FileHandle;
  readonly #lines: BatchWriter<string>;

  static async create(path: string): Promise<IndexFile> {
    return new IndexFile(await open(path, "ax"));
  }

  private constructor(file: FileHandle) {
    this.#file = file;
    this.#lines = new BatchWriter({ everyMs: EVERY_MS, write: (lines) => file.appendFile(`${lines.join("\n")}\n`) });
  }

  /** Why lines were lost, if any were: the archive itself does not depend on them. */
  get failure(): unknown {
    return this.#lines.failure?.error;
  }

  arrived(offset: number, wallMs: number): void {
    this.#lines.add(`a ${offset} ${wallMs.toFixed(1)}`);
  }

  epoch(offset: number, end: number, kind: string): void {
    this.#lines.add(`e ${offset} ${end} ${kind}`);
  }

  resync(offset: number, seconds: number, preamble: Uint8Array | undefined): void {
    const hex = preamble === undefined ? "" : ` ${Buffer.from(preamble).toString("hex")}`;
    this.#lines.add(`r ${offset} ${seconds.toFixed(6)}${hex}`);
  }

  ended(offset: number): void {
    this.#lines.add(`end ${offset}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#lines.flush();
    await this.#file.close();
  }
}

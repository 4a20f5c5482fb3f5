import type { FileHandle } from "node:fs/promises";
import { open } from "node:fs/promises";

/**
 * The sidecar of a log: what its bytes alone do not tell. Lines of text, appended in order, so that a crash costs at
 * most the last line:
 *
 * - `a OFFSET MS`: an append began at this offset and arrived at this Unix time
 * - `e OFFSET END KIND`: an epoch: init bytes of a container lie at [OFFSET, END)
 * - `r OFFSET SECONDS [HEX]`: a resync point, its media time, and the bytes that a decoder needs before it
 * - `end OFFSET`: the publisher ended cleanly
 */
export class IndexFile implements AsyncDisposable {
  readonly #file: FileHandle;
  #lines: string[] = [];
  #writing: Promise<void> | undefined;
  #failure: unknown;

  static async create(path: string): Promise<IndexFile> {
    return new IndexFile(await open(path, "ax"));
  }

  private constructor(file: FileHandle) {
    this.#file = file;
  }

  /** Why lines were lost, if any were: the archive itself does not depend on them. */
  get failure(): unknown {
    return this.#failure;
  }

  arrived(offset: number, wallMs: number): void {
    this.#add(`a ${offset} ${wallMs.toFixed(1)}`);
  }

  epoch(offset: number, end: number, kind: string): void {
    this.#add(`e ${offset} ${end} ${kind}`);
  }

  resync(offset: number, seconds: number, preamble: Uint8Array | undefined): void {
    const hex = preamble === undefined ? "" : ` ${Buffer.from(preamble).toString("hex")}`;
    this.#add(`r ${offset} ${seconds.toFixed(6)}${hex}`);
  }

  ended(offset: number): void {
    this.#add(`end ${offset}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    while (this.#writing !== undefined) await this.#writing;
    await this.#file.close();
  }

  #add(line: string): void {
    if (this.#failure !== undefined) return;
    this.#lines.push(line);
    this.#writing ??= this.#write();
  }

  /** One write at a time, with all lines that came meanwhile: a slow disk makes batches, not a queue of writes. */
  async #write(): Promise<void> {
    try {
      while (this.#lines.length > 0) {
        const text = `${this.#lines.join("\n")}\n`;
        this.#lines = [];
        await this.#file.appendFile(text);
      }
    } catch (error) {
      this.#failure = error;
      this.#lines = [];
    } finally {
      this.#writing = undefined;
    }
  }
}

import { AppendFile } from "../../core/append-file.ts";
import { BatchWriter } from "../../core/batch-writer.ts";
import { wallMs } from "../../core/clock.ts";
import { diskTrouble } from "../../core/disk.ts";
import { LiveError } from "../../core/errors.ts";
import { Turns } from "../../core/turns.ts";

/** A crash may cost the lines of this long; the log itself tells what they said, but for the arrival times. */
const EVERY_MS = 1_000;
/** While the disk takes nothing this many lines are kept; of those beyond, only what says where containers begin. */
const MAX_WAITING_LINES = 20_000;

/**
 * The sidecar of a log: what its bytes alone do not tell. Lines of text, appended in order:
 *
 * - `a OFFSET MS`: an append began at this offset and arrived at this Unix time
 * - `e OFFSET END KIND`: an epoch: init bytes of a container lie at [OFFSET, END)
 * - `r OFFSET SECONDS [HEX]`: a resync point, its media time, and the bytes that a decoder needs before it
 * - `restart OFFSET`: the publisher said that a new container begins here
 * - `open OFFSET MS`: a later life of the server found this many bytes; what stands above of those behind is void
 * - `end OFFSET`: the publisher ended cleanly
 */
export class IndexFile implements AsyncDisposable {
  readonly #file: AppendFile;
  readonly #lines: BatchWriter<string>;

  /** Begins an index; fails when there is one already. */
  static async create(path: string, syncs?: Turns): Promise<IndexFile> {
    return new IndexFile(await AppendFile.create(path), syncs);
  }

  /** Goes on with the index that another life of the server left, whole or not, beside a log of `length` bytes. */
  static async reopen(path: string, length: number, syncs?: Turns): Promise<IndexFile> {
    const there = await AppendFile.reopen(path).catch(() => AppendFile.create(path));
    const index = new IndexFile(there, syncs);
    // Its last line may have been cut: what is written next must not become part of it.
    index.#lines.add(`\nopen ${length} ${wallMs().toFixed(1)}`);
    return index;
  }

  private constructor(file: AppendFile, syncs = new Turns()) {
    this.#file = file;
    this.#lines = new BatchWriter({
      everyMs: EVERY_MS,
      write: async (lines) => {
        await file.append([Buffer.from(`${lines.join("\n")}\n`)]);
        await syncs.take(() => file.sync());
      },
    });
  }

  arrived(offset: number, atMs: number): void {
    this.#addIfRoom(`a ${offset} ${atMs.toFixed(1)}`);
  }

  epoch(offset: number, end: number, kind: string): void {
    this.#lines.add(`e ${offset} ${end} ${kind}`);
  }

  resync(offset: number, seconds: number, preamble: Uint8Array | undefined): void {
    const hex = preamble === undefined ? "" : ` ${Buffer.from(preamble).toString("hex")}`;
    this.#addIfRoom(`r ${offset} ${seconds.toFixed(6)}${hex}`);
  }

  /**
   * Resolves when the line is on the disk: the bytes behind it cannot be understood without. Rejects with `no_room` when
   * it cannot be, for now.
   */
  restarted(offset: number): Promise<void> {
    this.#lines.add(`restart ${offset}`);
    return this.flush();
  }

  /** Resolves when all lines are on the disk; rejects with `no_room` when they cannot be, for now. */
  async flush(): Promise<void> {
    await this.#lines.flush();
    const { failure } = this.#lines;
    if (failure === undefined) return;
    const { error } = failure;
    throw new LiveError("no_room", `the archive's index cannot be written: ${diskTrouble(error)}`, { cause: error });
  }

  ended(offset: number): void {
    this.#lines.add(`end ${offset}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#lines.flush();
    await this.#file[Symbol.asyncDispose]();
  }

  #addIfRoom(line: string): void {
    if (this.#lines.waiting < MAX_WAITING_LINES) this.#lines.add(line);
  }
}

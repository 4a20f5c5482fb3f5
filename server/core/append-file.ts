import { access, type FileHandle, open } from "node:fs/promises";

/**
 * A file that only grows, by whole appends: when the disk takes one only in part, what it took of it is cut off again,
 * so the same bytes can be appended once more when there is room.
 */
export class AppendFile implements AsyncDisposable {
  readonly #file: FileHandle;
  #size: number;
  /** Something of an append that failed may lie behind {@link size}. */
  #isTorn = false;

  /** Makes a file; fails when it is there already, since it has one writer. */
  static async create(path: string): Promise<AppendFile> {
    return new AppendFile(await open(path, "ax+"), 0);
  }

  /** Goes on at the end of a file; fails when there is none. */
  static async reopen(path: string): Promise<AppendFile> {
    // "a+" would make a file that is not there.
    await access(path);
    const file = await open(path, "a+");
    const { size } = await file.stat();
    return new AppendFile(file, size);
  }

  private constructor(file: FileHandle, size: number) {
    this.#file = file;
    this.#size = size;
  }

  /** Bytes in the file, without those of an append that failed. */
  get size(): number {
    return this.#size;
  }

  /** Appends all of `chunks` or nothing. Calls must not overlap. */
  async append(chunks: readonly Uint8Array[]): Promise<void> {
    if (this.#isTorn) await this.#mend();
    this.#isTorn = true;
    try {
      await writeAll(this.#file, chunks);
    } catch (error) {
      // If this fails, too, the next append begins with it.
      await this.#mend().catch(() => {});
      throw error;
    }
    this.#isTorn = false;
    this.#size += lengthOf(chunks);
  }

  /** Up to `length` bytes from `offset` on; fewer only at the end. */
  async read(offset: number, length: number): Promise<Uint8Array> {
    const buffer = Buffer.allocUnsafeSlow(length);
    const { bytesRead } = await this.#file.read(buffer, 0, length, offset);
    return buffer.subarray(0, bytesRead);
  }

  /** Resolves when what was appended before survives a power cut. */
  sync(): Promise<void> {
    return this.#file.datasync();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      if (this.#isTorn) await this.#mend().catch(() => {});
    } finally {
      await this.#file.close();
    }
  }

  async #mend(): Promise<void> {
    await this.#file.truncate(this.#size);
    this.#isTorn = false;
  }
}

async function writeAll(file: FileHandle, chunks: readonly Uint8Array[]): Promise<void> {
  const { bytesWritten } = await file.writev(chunks);
  if (bytesWritten === lengthOf(chunks)) return;
  // A short write is allowed by the system, and what a disk does that is about to be full: the rest says which it was.
  await file.appendFile(Buffer.concat(chunks).subarray(bytesWritten));
}

function lengthOf(chunks: readonly Uint8Array[]): number {
  return chunks.reduce((sum, chunk) => sum + chunk.byteLength, 0);
}

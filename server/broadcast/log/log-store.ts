import type { FileHandle } from "node:fs/promises";
import { access, mkdir, open, rm, rmdir } from "node:fs/promises";
import { dirname, join } from "node:path";

/** Where a log's bytes lie. One writer appends; anyone may read what has been appended. */
export interface LogStore extends AsyncDisposable {
  /** Offset of the oldest byte that can still be read. */
  readonly start: number;
  /** Appends all of `chunks`; resolves when the file has them. Calls never overlap. */
  append(chunks: readonly Uint8Array[]): Promise<void>;
  /** Up to `length` bytes from `offset` on; fewer only at the end of what is stored. */
  read(offset: number, length: number): Promise<Uint8Array>;
  /** Resolves when what was appended before survives a power cut. May run while others append. */
  sync(): Promise<void>;
}

/** Recording on: the whole log in one file that is kept. */
export class FileStore implements LogStore {
  readonly start = 0;
  /** Bytes that were in the file when it was opened. */
  readonly initialBytes: number;
  readonly #file: FileHandle;

  /** Creates `path` and its folder; fails when the file is there already, since a log has one writer. */
  static async create(path: string): Promise<FileStore> {
    await mkdir(dirname(path), { recursive: true });
    return new FileStore(await open(path, "ax+"), 0);
  }

  /** Opens a log that another life of the server left, to go on at its end; fails when there is none. */
  static async reopen(path: string): Promise<FileStore> {
    // "a+" would make a file that is not there.
    await access(path);
    const file = await open(path, "a+");
    const { size } = await file.stat();
    return new FileStore(file, size);
  }

  private constructor(file: FileHandle, initialBytes: number) {
    this.#file = file;
    this.initialBytes = initialBytes;
  }

  append(chunks: readonly Uint8Array[]): Promise<void> {
    return writeAll(this.#file, chunks);
  }

  read(offset: number, length: number): Promise<Uint8Array> {
    return readAt(this.#file, offset, length);
  }

  sync(): Promise<void> {
    return this.#file.datasync();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#file.close();
  }
}

interface Piece {
  readonly path: string;
  readonly file: FileHandle;
  readonly start: number;
  end: number;
}

/** Recording off: the log in pieces of `pieceBytes`; the newest `keepPieces` stay, all go when the log closes. */
export class PieceStore implements LogStore {
  readonly #folder: string;
  readonly #pieceBytes: number;
  readonly #keepPieces: number;
  readonly #pieces: Piece[] = [];

  constructor(folder: string, options: { pieceBytes: number; keepPieces: number }) {
    this.#folder = folder;
    this.#pieceBytes = options.pieceBytes;
    this.#keepPieces = options.keepPieces;
  }

  get start(): number {
    return this.#pieces[0]?.start ?? 0;
  }

  async append(chunks: readonly Uint8Array[]): Promise<void> {
    const piece = await this.#writable();
    await writeAll(piece.file, chunks);
    piece.end += chunks.reduce((sum, chunk) => sum + chunk.byteLength, 0);
  }

  async read(offset: number, length: number): Promise<Uint8Array> {
    const piece = this.#pieces.find((candidate) => offset >= candidate.start && offset < candidate.end);
    if (piece === undefined) return new Uint8Array(0);
    return readAt(piece.file, offset - piece.start, Math.min(length, piece.end - offset));
  }

  /** What is not recorded need not survive anything. */
  async sync(): Promise<void> {}

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#pieces.splice(0).map(discard));
    await rmdir(this.#folder).catch(() => {});
  }

  async #writable(): Promise<Piece> {
    const last = this.#pieces.at(-1);
    if (last !== undefined && last.end - last.start < this.#pieceBytes) return last;
    const start = last?.end ?? 0;
    const path = join(this.#folder, `piece-${start}`);
    await mkdir(this.#folder, { recursive: true });
    const piece = { path, file: await open(path, "ax+"), start, end: start };
    this.#pieces.push(piece);
    await Promise.all(this.#pieces.splice(0, this.#pieces.length - this.#keepPieces).map(discard));
    return piece;
  }
}

async function discard(piece: Piece): Promise<void> {
  await piece.file.close();
  await rm(piece.path, { force: true });
}

async function writeAll(file: FileHandle, chunks: readonly Uint8Array[]): Promise<void> {
  const wanted = chunks.reduce((sum, chunk) => sum + chunk.byteLength, 0);
  const { bytesWritten } = await file.writev(chunks);
  if (bytesWritten === wanted) return;
  // A short write is allowed by the system and rare: finish it the slow way.
  const rest = Buffer.concat(chunks).subarray(bytesWritten);
  await file.appendFile(rest);
}

async function readAt(file: FileHandle, position: number, length: number): Promise<Uint8Array> {
  const buffer = Buffer.allocUnsafeSlow(length);
  const { bytesRead } = await file.read(buffer, 0, length, position);
  return buffer.subarray(0, bytesRead);
}

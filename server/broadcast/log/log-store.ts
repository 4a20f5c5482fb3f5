import { mkdir, rm, rmdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { AppendFile } from "../../core/append-file.ts";

/** Where a log's bytes lie. One writer appends; anyone may read what has been appended. */
export interface LogStore extends AsyncDisposable {
  /** Offset of the oldest byte that can still be read. */
  readonly start: number;
  /**
   * Appends all of `chunks` or, when it rejects, nothing: they may be appended again. Resolves when the file has them.
   * Calls never overlap.
   */
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
  readonly #file: AppendFile;

  /** Creates `path` and its folder; fails when the file is there already, since a log has one writer. */
  static async create(path: string): Promise<FileStore> {
    await mkdir(dirname(path), { recursive: true });
    return new FileStore(await AppendFile.create(path));
  }

  /** Opens a log that another life of the server left, to go on at its end; fails when there is none. */
  static async reopen(path: string): Promise<FileStore> {
    return new FileStore(await AppendFile.reopen(path));
  }

  private constructor(file: AppendFile) {
    this.#file = file;
    this.initialBytes = file.size;
  }

  append(chunks: readonly Uint8Array[]): Promise<void> {
    return this.#file.append(chunks);
  }

  read(offset: number, length: number): Promise<Uint8Array> {
    return this.#file.read(offset, length);
  }

  sync(): Promise<void> {
    return this.#file.sync();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#file[Symbol.asyncDispose]();
  }
}

interface Piece {
  readonly path: string;
  readonly file: AppendFile;
  readonly start: number;
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
    await piece.file.append(chunks);
  }

  async read(offset: number, length: number): Promise<Uint8Array> {
    const piece = this.#pieces.find((candidate) => offset >= candidate.start && offset < endOf(candidate));
    if (piece === undefined) return new Uint8Array(0);
    return piece.file.read(offset - piece.start, Math.min(length, endOf(piece) - offset));
  }

  /** What is not recorded need not survive anything. */
  async sync(): Promise<void> {}

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#pieces.splice(0).map(discard));
    await rmdir(this.#folder).catch(() => {});
  }

  async #writable(): Promise<Piece> {
    const last = this.#pieces.at(-1);
    if (last !== undefined && last.file.size < this.#pieceBytes) return last;
    const start = last === undefined ? 0 : endOf(last);
    const path = join(this.#folder, `piece-${start}`);
    await mkdir(this.#folder, { recursive: true });
    const piece = { path, file: await AppendFile.create(path), start };
    this.#pieces.push(piece);
    await Promise.all(this.#pieces.splice(0, this.#pieces.length - this.#keepPieces).map(discard));
    return piece;
  }
}

function endOf({ start, file }: Piece): number {
  return start + file.size;
}

async function discard({ path, file }: Piece): Promise<void> {
  await file[Symbol.asyncDispose]();
  await rm(path, { force: true });
}

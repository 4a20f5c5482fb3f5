import type { Spill, SpilledBytes } from "./spill.ts";

/** What is kept in memory before the disk is used, and once more when the disk takes no more. */
const MEMORY_BYTES = 32 * 1024 * 1024;
/** Bytes in one file on the disk. */
const FILE_BYTES = 4 * 1024 * 1024;

/** No recorder is silent for longer while it works: the machine slept, and nothing was recorded. */
const LONGEST_PIECE_MS = 2_000;

/** Where to keep bytes. */
export interface KeepOptions {
  /** Where what does not fit into memory goes; undefined where the browser has no such place. */
  readonly spill: Spill | undefined;
  readonly memoryBytes?: number;
  readonly fileBytes?: number;
}

/** Bytes that came one after the other, in memory or on the disk. */
interface Piece {
  readonly offset: number;
  readonly bytes: Blob;
  /** Where it begins and ends in recorded time, in ms. */
  readonly fromMs: number;
  readonly toMs: number;
  readonly file?: SpilledBytes;
}

/**
 * The newest bytes of a stream, by their offset in it: what is appended stays until it is trimmed. Up to a limit it is
 * in memory, then on the disk, oldest first. It never refuses bytes; who appends looks at {@link isFull}.
 */
export class KeptBytes {
  readonly #spill: Spill | undefined;
  readonly #memoryLimit: number;
  readonly #fileBytes: number;
  #pieces: Piece[] = [];
  #begin = 0;
  #end = 0;
  #memoryBytes = 0;
  #diskBytes = 0;
  /** Recorded time so far, and when the newest bytes came. */
  #recordedMs = 0;
  #newestMs: number | undefined;
  #isSpilling = false;
  #diskIsFull = false;

  constructor({ spill, memoryBytes = MEMORY_BYTES, fileBytes = FILE_BYTES }: KeepOptions) {
    this.#spill = spill;
    this.#memoryLimit = memoryBytes;
    this.#fileBytes = fileBytes;
  }

  /** Offset of the oldest byte that is here. */
  get begin(): number {
    return this.#begin;
  }

  /** Offset behind the newest byte. */
  get end(): number {
    return this.#end;
  }

  get memoryBytes(): number {
    return this.#memoryBytes;
  }

  get diskBytes(): number {
    return this.#diskBytes;
  }

  /** Twice the limit is in memory: the disk is full or too slow, or there is none. Nothing more should be appended. */
  get isFull(): boolean {
    return this.#memoryBytes >= 2 * this.#memoryLimit;
  }

  /** Adds the next bytes, which were recorded since the ones before. */
  append(bytes: Blob, nowMs: number): void {
    if (bytes.size === 0) return;
    const fromMs = this.#recordedMs;
    this.#recordedMs += Math.min(nowMs - (this.#newestMs ?? nowMs), LONGEST_PIECE_MS);
    this.#newestMs = nowMs;
    this.#pieces.push({ offset: this.#end, bytes, fromMs, toMs: this.#recordedMs });
    this.#end += bytes.size;
    this.#memoryBytes += bytes.size;
    void this.#spillOldest();
  }

  /** Reads `bytes` bytes from `offset` on, all of which must be here. */
  read(offset: number, bytes: number): Promise<ArrayBuffer> {
    const first = this.#pieces.findLastIndex((piece) => piece.offset <= offset);
    if (first === -1 || offset < this.#begin || offset + bytes > this.#end) {
      throw new RangeError(`${bytes} bytes at ${offset} are not between ${this.#begin} and ${this.#end}`);
    }
    const parts: Blob[] = [];
    for (let at = offset, index = first; at < offset + bytes; index++) {
      const piece = this.#pieces[index];
      if (piece === undefined) break;
      const part = cut(piece.bytes, at - piece.offset, offset + bytes - piece.offset);
      parts.push(part);
      at += part.size;
    }
    const [only = new Blob(), ...others] = parts;
    return (others.length === 0 ? only : new Blob(parts)).arrayBuffer();
  }

  /** Forgets everything before `offset`. */
  trim(offset: number): void {
    this.#begin = Math.max(this.#begin, Math.min(offset, this.#end));
    const firstNeeded = this.#pieces.findIndex((piece) => endOf(piece) > this.#begin);
    const gone = this.#pieces.splice(0, firstNeeded === -1 ? this.#pieces.length : firstNeeded);
    for (const piece of gone) this.#forget(piece);
    if (this.#memoryBytes < this.#memoryLimit) this.#diskIsFull = false;
  }

  /** How much recorded time the bytes from `offset` on are, in ms. */
  msFrom(offset: number): number {
    const piece = this.#pieces.find((each) => endOf(each) > offset);
    const last = this.#pieces.at(-1);
    if (piece === undefined || last === undefined) return 0;
    const share = Math.max(0, offset - piece.offset) / piece.bytes.size;
    return last.toMs - (piece.fromMs + share * (piece.toMs - piece.fromMs));
  }

  /** Forgets everything, also what is on the disk. */
  close(): void {
    this.trim(this.#end);
    this.#spill?.close();
  }

  #forget(piece: Piece): void {
    if (piece.file === undefined) this.#memoryBytes -= piece.bytes.size;
    else {
      this.#diskBytes -= piece.bytes.size;
      piece.file.remove();
    }
  }

  /** Moves the oldest bytes that are in memory to the disk, one file at a time, until what stays is within the limit. */
  async #spillOldest(): Promise<void> {
    const spill = this.#spill;
    if (spill === undefined || this.#isSpilling) return;
    this.#isSpilling = true;
    while (this.#memoryBytes > this.#memoryLimit && !this.#diskIsFull) {
      const batch = this.#oldestInMemory();
      const bytes = new Blob(batch.map((piece) => piece.bytes));
      if (this.#diskBytes + bytes.size > spill.maxBytes) this.#diskIsFull = true;
      else await spill.write(bytes).then((file) => this.#moved(batch, file), this.#refused);
    }
    this.#isSpilling = false;
  }

  readonly #refused = () => {
    this.#diskIsFull = true;
  };

  #oldestInMemory(): Piece[] {
    const inMemory = this.#pieces.filter((piece) => piece.file === undefined);
    let bytes = 0;
    const enough = inMemory.findIndex((piece) => {
      bytes += piece.bytes.size;
      return bytes >= this.#fileBytes;
    });
    return inMemory.slice(0, enough === -1 ? inMemory.length : enough + 1);
  }

  /** `file` has the bytes of `batch`, of which some or all may have been trimmed while it was written. */
  #moved(batch: readonly Piece[], file: SpilledBytes): void {
    const [first] = batch;
    const last = batch.at(-1);
    const at = this.#pieces.findIndex((piece) => batch.includes(piece));
    if (first === undefined || last === undefined || at === -1) return file.remove();
    const left = this.#pieces.filter((piece) => batch.includes(piece));
    const { offset, fromMs } = first;
    this.#pieces.splice(at, left.length, { offset, bytes: file.bytes, fromMs, toMs: last.toMs, file });
    for (const piece of left) this.#memoryBytes -= piece.bytes.size;
    this.#diskBytes += file.bytes.size;
  }
}

function endOf({ offset, bytes }: Piece): number {
  return offset + bytes.size;
}

/** Every new blob is a round trip to another process of the browser: a whole one is taken as it is. */
function cut(blob: Blob, from: number, to: number): Blob {
  return from === 0 && to >= blob.size ? blob : blob.slice(from, to);
}

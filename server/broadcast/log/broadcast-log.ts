import { BatchWriter } from "../../core/batch-writer.ts";
import { diskTrouble } from "../../core/disk.ts";
import { LiveError } from "../../core/errors.ts";
import { Pulse } from "../../core/pulse.ts";
import { Turns } from "../../core/turns.ts";
import type { LogStore } from "./log-store.ts";
import { Tail } from "./tail.ts";

/** Followers this close to the end are served from memory. */
const TAIL_BYTES = 4 * 1024 * 1024;
/** Bytes that may wait for the disk before the publisher is asked to wait. */
const MAX_UNWRITTEN_BYTES = 8 * 1024 * 1024;
/** Bytes may wait this long for others on their way to the file, unless there are many. */
const WRITE_EVERY_MS = 100;
const WRITE_AT_ONCE_BYTES = 1024 * 1024;
/** What is in the file is brought to the disk itself this often, unless the disk is slower: a power cut costs no more. */
const SYNC_EVERY_MS = 1_000;
/** Read size of a follower that has fallen back to the file. */
const READ_BYTES = 256 * 1024;

/** A follower asked for bytes that a log without recording has already deleted. */
export class Lagged extends Error {
  override readonly name = "Lagged";
}

/** Where a follower reads: `until` may become known while it follows. */
export interface FollowOptions {
  readonly from: number;
  /** Offset to stop before; undefined while it is not known. Read again before every step. */
  readonly until?: () => number | undefined;
  readonly signal: AbortSignal;
}

/** How a log begins. */
export interface LogOptions {
  /** Bytes that the store has already. */
  readonly length?: number;
  /** Shared by all logs: one disk brings one file home at a time, and leaves the other threads to those that write. */
  readonly syncs?: Turns;
}

/**
 * The publisher's bytes in arrival order: append-only, one writer, any number of followers at their own pace.
 *
 * Bytes go to the store and to a small tail in memory. Memory holds at most the tail, one batch that is being written
 * and whatever a publisher that does not wait for {@link append} has sent meanwhile.
 */
export class BroadcastLog implements AsyncDisposable {
  readonly #store: LogStore;
  readonly #tail: Tail;
  readonly #moved = new Pulse();
  readonly #writer = new BatchWriter<Uint8Array>({ everyMs: WRITE_EVERY_MS, write: (chunks) => this.#write(chunks) });
  readonly #syncs: Turns;
  #written: number;
  #synced: number;
  #syncTimer: NodeJS.Timeout | undefined;
  #syncFailure: { readonly error: unknown } | undefined;
  #ended = false;
  #closing: Promise<void> | undefined;

  constructor(store: LogStore, { length = 0, syncs = new Turns() }: LogOptions = {}) {
    this.#store = store;
    this.#syncs = syncs;
    this.#tail = new Tail(TAIL_BYTES, length);
    this.#written = length;
    this.#synced = length;
  }

  /** Bytes appended so far; the offset at which the next append lands. */
  get length(): number {
    return this.#tail.end;
  }

  /** Offset of the oldest byte that can still be read. */
  get start(): number {
    return this.#store.start;
  }

  /** Bytes that the file has: they survive the end of this process, and a moment later a power cut, too. */
  get written(): number {
    return this.#written;
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** Followers that wait for more bytes. */
  get waiting(): number {
    return this.#moved.waiting;
  }

  /** Why no bytes are taken now; undefined when they may come. */
  get refusal(): LiveError | undefined {
    return this.#ended ? new LiveError("bad_request", "the broadcast has ended") : this.trouble;
  }

  /**
   * `no_room` when the last bytes could not be stored: what has been taken waits in memory, and {@link flush} tries
   * again. Undefined when all is well.
   */
  get trouble(): LiveError | undefined {
    const failure = this.#syncFailure ?? this.#writer.failure;
    if (failure === undefined) return undefined;
    const { error } = failure;
    return new LiveError("no_room", `the archive cannot be written: ${diskTrouble(error)}`, { cause: error });
  }

  /** What is in the file may never reach the disk: this log cannot go on, whatever room there will be. */
  get isBroken(): boolean {
    return this.#syncFailure !== undefined;
  }

  /**
   * Appends without copying: the caller gives `bytes` away. Resolves when the publisher may send more, at once unless
   * the disk is behind. Rejects with the {@link refusal} that there was before, and then has taken nothing; or with one
   * that there is now, and then the bytes wait in memory like those before them.
   */
  async append(bytes: Uint8Array): Promise<void> {
    if (this.refusal !== undefined) throw this.refusal;
    if (bytes.byteLength === 0) return;
    this.#tail.push(bytes);
    this.#writer.add(bytes);
    this.#moved.fire();
    const unwritten = this.length - this.#written;
    if (unwritten > MAX_UNWRITTEN_BYTES) await this.#writer.flush();
    else if (unwritten > WRITE_AT_ONCE_BYTES) void this.#writer.flush();
    this.#throwFailure();
  }

  /** Resolves when all that has been appended is in the file; rejects with `no_room` when it cannot be, for now. */
  async flush(): Promise<void> {
    await this.#writer.flush();
    this.#throwFailure();
  }

  /** No more bytes: resolves when all are on the disk. Followers end when they have read everything. */
  async end(): Promise<void> {
    this.#ended = true;
    this.#moved.fire();
    await this.flush().finally(() => clearTimeout(this.#syncTimer));
    if (this.#synced < this.#written) await this.#sync();
    this.#throwFailure();
  }

  /** The bytes `[from, to)`, which must have been appended: for headers, which are small. */
  async slice(from: number, to: number): Promise<Uint8Array> {
    const pieces: Uint8Array[] = [];
    for (let offset = from; offset < to; ) {
      const piece = (await this.#at(offset)).subarray(0, to - offset);
      pieces.push(piece);
      offset += piece.byteLength;
    }
    return Buffer.concat(pieces);
  }

  /**
   * Yields the bytes from `from` on as they are, then as they arrive, until the log ends or `until` is reached. From
   * memory near the end, from the file otherwise. Throws {@link Lagged} when the bytes are gone.
   */
  async *follow({ from, until = () => undefined, signal }: FollowOptions): AsyncGenerator<Uint8Array, void, void> {
    let offset = from;
    while (true) {
      signal.throwIfAborted();
      const stop = until() ?? Number.POSITIVE_INFINITY;
      if (offset >= stop) return;
      if (offset < this.length) {
        const bytes = (await this.#at(offset)).subarray(0, stop - offset);
        offset += bytes.byteLength;
        yield bytes;
      } else if (this.#ended) return;
      else await this.#moved.wait(signal);
    }
  }

  /** Wakes followers so that they look at `until` again. */
  nudge(): void {
    this.#moved.fire();
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#closing ??= this.end()
      .catch(() => {})
      .then(() => this.#store[Symbol.asyncDispose]());
    return this.#closing;
  }

  async #at(offset: number): Promise<Uint8Array> {
    if (offset >= this.#tail.start) return this.#tail.from(offset);
    if (offset < this.#store.start) throw new Lagged(`the bytes at ${offset} have been deleted`);
    const bytes = await this.#store.read(offset, Math.min(READ_BYTES, this.#tail.start - offset));
    if (bytes.byteLength === 0) throw new Lagged(`the bytes at ${offset} cannot be read`);
    return bytes;
  }

  async #write(chunks: readonly Uint8Array[]): Promise<void> {
    await this.#store.append(chunks);
    this.#written += chunks.reduce((sum, chunk) => sum + chunk.byteLength, 0);
    this.#tail.trim(this.#written);
    if (!this.#ended) this.#syncTimer ??= setTimeout(() => void this.#sync(), SYNC_EVERY_MS);
  }

  async #sync(): Promise<void> {
    const reached = this.#written;
    try {
      await this.#syncs.take(() => this.#store.sync());
      this.#synced = reached;
    } catch (error) {
      // The system may have thrown away what it could not bring to the disk: from here on nothing can be promised.
      this.#syncFailure = { error };
    }
    this.#syncTimer = undefined;
  }

  #throwFailure(): void {
    const { trouble } = this;
    if (trouble !== undefined) throw trouble;
  }
}

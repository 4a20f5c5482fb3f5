import { LiveError } from "../core/errors.ts";

/** What can be in a stream of messages with four bytes of big-endian length before each (contract §4). */
export type Prefixed =
  /** The length and the message; `bytes` may be a view of the chunk. */
  | { readonly type: "message"; readonly bytes: Uint8Array }
  /** A message that was too long has begun and is read away; `bytes` of it were announced. */
  | { readonly type: "skipped"; readonly bytes: number }
  /** A length of 0. */
  | { readonly type: "end" };

/** Bytes of the length before each message. */
export const LENGTH_BYTES = 4;
/** Who announces more than this does not speak this protocol: `GET ` and a TLS hello are such lengths. */
export const MAX_ANNOUNCED_BYTES = 64 * 1024 * 1024;
/** Room is made for what has arrived, not for what was announced; it doubles from here on. */
const FIRST_ROOM_BYTES = 128 * 1024;

/**
 * Reads messages from pieces of any size. Holds no more than the message that is arriving, and of that no more than twice
 * what has arrived; what is too long is held not at all.
 */
export class PrefixedReader {
  readonly #maxBytes: number;
  /** Of a length that is cut in two. */
  #lengthBytes = 0;
  #length = 0;
  /** Bytes of the message under way, its length included; 0 between two. */
  #total = 0;
  #store = new Uint8Array(0);
  #stored = 0;
  #skip = 0;

  /** Messages above `maxBytes` are skipped. */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Bytes that are kept from earlier pieces. */
  get heldBytes(): number {
    return this.#stored + this.#lengthBytes;
  }

  /** Whether the stream can end here without anything being cut. */
  get isBetween(): boolean {
    return this.heldBytes === 0 && this.#skip === 0;
  }

  /** Yields what `chunk` completes. Throws `too_large` for a length that no image has. */
  *push(chunk: Uint8Array): Generator<Prefixed, void, void> {
    let at = 0;
    while (at < chunk.byteLength) {
      if (this.#skip > 0) {
        const skipped = Math.min(this.#skip, chunk.byteLength - at);
        this.#skip -= skipped;
        at += skipped;
      } else if (this.#total > 0) {
        const taken = chunk.subarray(at, at + this.#total - this.#stored);
        at += taken.byteLength;
        const bytes = this.#gather(taken);
        if (bytes !== undefined) yield { type: "message", bytes };
      } else {
        const length = this.#readLength(chunk, at);
        at += length.taken;
        if (length.value === undefined) return;
        const begun = this.#begin(length.value, chunk, at);
        if (begun.found !== undefined) yield begun.found;
        at += begun.taken;
      }
    }
  }

  #readLength(chunk: Uint8Array, from: number): { taken: number; value: number | undefined } {
    let at = from;
    while (this.#lengthBytes < LENGTH_BYTES && at < chunk.byteLength) {
      this.#length = this.#length * 256 + (chunk[at++] ?? 0);
      this.#lengthBytes++;
    }
    if (this.#lengthBytes < LENGTH_BYTES) return { taken: at - from, value: undefined };
    const value = this.#length;
    this.#lengthBytes = 0;
    this.#length = 0;
    return { taken: at - from, value };
  }

  #begin(length: number, chunk: Uint8Array, at: number): { taken: number; found: Prefixed | undefined } {
    if (length > MAX_ANNOUNCED_BYTES) {
      throw new LiveError("too_large", `a length of ${length} bytes is none that an image has`);
    }
    if (length === 0) return { taken: 0, found: { type: "end" } };
    if (length > this.#maxBytes) {
      this.#skip = length;
      return { taken: 0, found: { type: "skipped", bytes: length } };
    }
    // All of it lies in this piece, as a rule when a log is read: nothing is copied.
    if (at >= LENGTH_BYTES && at + length <= chunk.byteLength) {
      return { taken: length, found: { type: "message", bytes: chunk.subarray(at - LENGTH_BYTES, at + length) } };
    }
    this.#total = LENGTH_BYTES + length;
    this.#store = new Uint8Array(Math.min(this.#total, FIRST_ROOM_BYTES));
    new DataView(this.#store.buffer).setUint32(0, length);
    this.#stored = LENGTH_BYTES;
    return { taken: 0, found: undefined };
  }

  /** Adds to the message under way; returns it when it is whole. */
  #gather(bytes: Uint8Array): Uint8Array | undefined {
    const needed = this.#stored + bytes.byteLength;
    if (needed > this.#store.byteLength) {
      const larger = new Uint8Array(Math.min(this.#total, Math.max(needed, this.#store.byteLength * 2)));
      larger.set(this.#store.subarray(0, this.#stored));
      this.#store = larger;
    }
    this.#store.set(bytes, this.#stored);
    this.#stored = needed;
    if (needed < this.#total) return undefined;
    const message = this.#store.subarray(0, needed);
    this.#store = new Uint8Array(0);
    this.#stored = 0;
    this.#total = 0;
    return message;
  }
}

/**
 * The unread part of a byte stream that arrives in chunks. A parser looks at the next few bytes, and skips what it does
 * not need: skipped bytes are neither kept nor copied, also those that have not arrived yet.
 *
 * Only what a parser looked at in vain, because too little had arrived, is copied when the chunk ends (`park`); each
 * byte is copied a fixed number of times, however small the chunks are.
 */
export class ByteWindow {
  /** Bytes of earlier chunks in [#from, #to). */
  #store: Uint8Array = EMPTY;
  #from = 0;
  #to = 0;
  #chunk: Uint8Array = EMPTY;
  #offset: number;
  #skipAhead = 0;

  constructor(startOffset: number) {
    this.#offset = startOffset;
  }

  /** Absolute offset of the next byte to read. */
  get offset(): number {
    return this.#offset;
  }

  /** Bytes of earlier chunks that are kept because they were not read yet. */
  get heldBytes(): number {
    return this.#to - this.#from;
  }

  /** Makes the chunk readable, up to the next `park`; the chunk before it must have been parked. */
  feed(chunk: Uint8Array): void {
    const skipped = Math.min(this.#skipAhead, chunk.byteLength);
    this.#skipAhead -= skipped;
    this.#chunk = skipped === 0 ? chunk : chunk.subarray(skipped);
  }

  /** Keeps what was not read of the chunk; its memory is the caller's again. */
  park(): void {
    if (this.#chunk.byteLength > 0) this.#gather(this.#chunk.byteLength);
    this.#chunk = EMPTY;
  }

  /** The next `length` bytes or as many as there are, without reading on. Valid until the next call. */
  peek(length: number): Uint8Array {
    const held = this.heldBytes;
    if (held === 0) return this.#chunk.byteLength <= length ? this.#chunk : this.#chunk.subarray(0, length);
    if (held < length) this.#gather(Math.min(length - held, this.#chunk.byteLength));
    return this.#store.subarray(this.#from, Math.min(this.#to, this.#from + length));
  }

  /** Reads on by `length` bytes, whether they have arrived or not. */
  skip(length: number): void {
    this.#offset += length;
    const held = Math.min(length, this.heldBytes);
    this.#from += held;
    if (this.#from === this.#to) this.#empty();
    const skipped = Math.min(length - held, this.#chunk.byteLength);
    if (skipped > 0) this.#chunk = this.#chunk.subarray(skipped);
    this.#skipAhead += length - held - skipped;
  }

  /** Reading goes on at `offset` with the next chunk; what is held or announced to be skipped is forgotten. */
  jump(offset: number): void {
    this.#offset = offset;
    this.#skipAhead = 0;
    this.#chunk = EMPTY;
    this.#from = 0;
    this.#to = 0;
  }

  /**
   * Skips to the first place where `isStart` holds for the `width` bytes there, and says whether there is one. Each
   * place is asked once, over all calls.
   */
  skipUntil(width: number, isStart: (bytes: Uint8Array, at: number) => boolean): boolean {
    for (;;) {
      const bytes = this.heldBytes === 0 ? this.#chunk : this.#heldAnd(width - 1);
      const places = bytes.byteLength - width + 1;
      for (let at = 0; at < places; at++) {
        if (isStart(bytes, at)) {
          this.skip(at);
          return true;
        }
      }
      if (places <= 0) return false;
      this.skip(places);
    }
  }

  /** A copy of the held bytes and up to `length` behind them, which stay in the chunk. */
  #heldAnd(length: number): Uint8Array {
    const next = this.#chunk.subarray(0, length);
    const joined = new Uint8Array(this.heldBytes + next.byteLength);
    joined.set(this.#store.subarray(this.#from, this.#to));
    joined.set(next, this.heldBytes);
    return joined;
  }

  /** Moves the chunk's first `length` bytes behind the held ones. */
  #gather(length: number): void {
    const needed = this.heldBytes + length;
    if (this.#to + length > this.#store.byteLength) {
      const held = this.#store.subarray(this.#from, this.#to);
      // Twice what is needed, so that bytes arriving one by one are not moved one by one.
      this.#store = new Uint8Array(Math.max(SMALLEST_STORE, needed * 2));
      this.#store.set(held);
      this.#from = 0;
      this.#to = held.byteLength;
    }
    this.#store.set(this.#chunk.subarray(0, length), this.#to);
    this.#to += length;
    this.#chunk = this.#chunk.subarray(length);
  }

  #empty(): void {
    this.#from = 0;
    this.#to = 0;
    if (this.#store.byteLength > LARGEST_KEPT_STORE) this.#store = EMPTY;
  }
}

const EMPTY = new Uint8Array(0);
const SMALLEST_STORE = 64;
/** Room for what is parked in normal running; a larger store served a header that is over. */
const LARGEST_KEPT_STORE = 4096;

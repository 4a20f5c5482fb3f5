/**
 * The newest bytes of a log, in memory, as the buffers in which they arrived.
 *
 * Holds what is not in the file yet, whatever its size (the writer of the log bounds that), and beyond it the newest
 * `keepBytes`, so that followers which keep up never touch the disk. Nothing is copied: readers get views.
 */
export class Tail {
  readonly #keepBytes: number;
  readonly #chunks: Uint8Array[] = [];
  readonly #offsets: number[] = [];
  #start: number;
  #end: number;

  /** `offset` is where the first byte will lie. */
  constructor(keepBytes: number, offset = 0) {
    this.#keepBytes = keepBytes;
    this.#start = offset;
    this.#end = offset;
  }

  /** Offset of the oldest byte that is still here. */
  get start(): number {
    return this.#start;
  }

  /** Offset behind the newest byte. */
  get end(): number {
    return this.#end;
  }

  push(chunk: Uint8Array): void {
    this.#chunks.push(chunk);
    this.#offsets.push(this.#end);
    this.#end += chunk.byteLength;
  }

  /** Forgets the oldest chunks beyond `keepBytes`, but none that reaches past `written`. */
  trim(written: number): void {
    const floor = Math.min(written, this.#end - this.#keepBytes);
    let drop = 0;
    while (drop < this.#chunks.length && this.#endOf(drop) <= floor) drop++;
    if (drop === 0) return;
    this.#chunks.splice(0, drop);
    this.#offsets.splice(0, drop);
    this.#start = this.#offsets[0] ?? this.#end;
  }

  /** A view of the bytes from `offset` to the end of the chunk that holds them. `start <= offset < end`. */
  from(offset: number): Uint8Array {
    let low = 0;
    let high = this.#offsets.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#offsets[middle] ?? Number.POSITIVE_INFINITY) <= offset) low = middle;
      else high = middle - 1;
    }
    const chunk = this.#chunks[low];
    if (chunk === undefined || offset < this.#start || offset >= this.#end) {
      throw new RangeError(`offset ${offset} is outside the tail ${this.#start}..${this.#end}`);
    }
    return chunk.subarray(offset - (this.#offsets[low] ?? 0));
  }

  #endOf(index: number): number {
    return this.#offsets[index + 1] ?? this.#end;
  }
}

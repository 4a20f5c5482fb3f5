/** One thing for a source buffer: an init segment, with the type it makes the buffer be of, or a chunk. */
export type Appendable =
  | { readonly kind: "init"; readonly mime: string; readonly bytes: Uint8Array }
  | { readonly kind: "chunk"; readonly key: boolean; readonly bytes: Uint8Array };

/**
 * Bytes that may wait for one source buffer: half a minute of 4 Mbit/s. A browser that takes none for so long has
 * stopped the page; what waits then is dropped, and it goes on with the next key frame.
 */
export const MAX_WAITING_BYTES = 16 * 1024 * 1024;
/** Chunks that wait are appended together, up to this size: fewer appends, and none that blocks the page. */
const MAX_APPEND_BYTES = 512 * 1024;

/** What waits for one source buffer. */
export class AppendQueue {
  #items: Appendable[] = [];
  #bytes = 0;
  #needsKey = false;
  #droppedBytes = 0;

  /** Bytes that wait. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Bytes that were dropped at the limit since the beginning. */
  get droppedBytes(): number {
    return this.#droppedBytes;
  }

  push(item: Appendable): void {
    if (this.#bytes + item.bytes.byteLength > MAX_WAITING_BYTES) this.#drop();
    if (item.kind === "chunk" && this.#needsKey && !item.key) {
      this.#droppedBytes += item.bytes.byteLength;
      return;
    }
    if (item.kind === "chunk") this.#needsKey = false;
    this.#items.push(item);
    this.#bytes += item.bytes.byteLength;
  }

  /** Takes what is appended next: an init segment, or chunks in one piece; undefined when nothing waits. */
  take(): Appendable | undefined {
    const [first] = this.#items;
    if (first === undefined) return undefined;
    const together = first.kind === "init" ? [first] : this.#leadingChunks();
    this.#items = this.#items.slice(together.length);
    this.#bytes -= sizeOf(together);
    return together.length === 1 ? first : { kind: "chunk", key: true, bytes: joined(together) };
  }

  /** Puts back what could not be appended now. */
  putBack(item: Appendable): void {
    this.#items = [item, ...this.#items];
    this.#bytes += item.bytes.byteLength;
  }

  #leadingChunks(): Appendable[] {
    const chunks: Appendable[] = [];
    for (const item of this.#items) {
      const isFull = chunks.length > 0 && sizeOf(chunks) + item.bytes.byteLength > MAX_APPEND_BYTES;
      if (item.kind === "init" || isFull) break;
      chunks.push(item);
    }
    return chunks;
  }

  /** All but the newest init segment, without which nothing that follows could be decoded. */
  #drop(): void {
    const inits = this.#items.filter(({ kind }) => kind === "init").slice(-1);
    this.#droppedBytes += this.#bytes - sizeOf(inits);
    this.#items = inits;
    this.#bytes = sizeOf(inits);
    this.#needsKey = true;
  }
}

function sizeOf(items: readonly Appendable[]): number {
  return items.reduce((sum, { bytes }) => sum + bytes.byteLength, 0);
}

function joined(items: readonly Appendable[]): Uint8Array {
  const all = new Uint8Array(sizeOf(items));
  let offset = 0;
  for (const { bytes } of items) {
    all.set(bytes, offset);
    offset += bytes.byteLength;
  }
  return all;
}

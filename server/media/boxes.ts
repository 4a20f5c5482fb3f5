import { LiveError } from "../core/errors.ts";
import { type BoxHeader, LARGE_HEADER_BYTES, readBoxHeader } from "./box-header.ts";

/** One complete ISO-BMFF box: its four-character type and all of its bytes, header included. */
export interface Box {
  readonly type: string;
  readonly bytes: Uint8Array;
}

/**
 * Cuts a byte stream into top-level ISO-BMFF boxes (ISO/IEC 14496-12 §4.2).
 *
 * Feed it chunks of any size; each call returns the boxes that became complete. A box larger than `maxBoxBytes` is
 * refused from its header alone. A box that lies in one chunk is a view of that chunk; one that spans chunks is copied
 * once, piece by piece, into a buffer of its own size.
 */
export class BoxReader {
  readonly #maxBoxBytes: number;
  /** The beginning of a header that a chunk's end cut off; shorter than `LARGE_HEADER_BYTES`. */
  #head: Uint8Array = new Uint8Array(0);
  /** The box being filled. */
  #open: { readonly type: string; readonly bytes: Uint8Array; filled: number } | undefined;

  constructor(options: { readonly maxBoxBytes: number }) {
    this.#maxBoxBytes = options.maxBoxBytes;
  }

  push(chunk: Uint8Array): Box[] {
    const boxes: Box[] = [];
    let rest = this.#fill(this.#withHead(chunk), boxes);
    while (rest.byteLength > 0) {
      const header = this.#header(rest);
      if (header === undefined) {
        // Not `slice`: a Buffer's slice is a view of a chunk that is the caller's again after this call.
        this.#head = new Uint8Array(rest);
        break;
      }
      if (header.size > rest.byteLength) {
        this.#open = { type: header.type, bytes: new Uint8Array(header.size), filled: 0 };
        rest = this.#fill(rest, boxes);
      } else {
        boxes.push({ type: header.type, bytes: rest.subarray(0, header.size) });
        rest = rest.subarray(header.size);
      }
    }
    return boxes;
  }

  /** Call at the end of the input: throws when the stream was cut inside a box. */
  end(): void {
    const left = this.#open?.filled ?? this.#head.byteLength;
    if (left > 0) throw new LiveError("bad_container", `the stream ended inside a box, ${left} bytes into it`);
  }

  /** Moves bytes into the open box and returns what follows it. */
  #fill(bytes: Uint8Array, boxes: Box[]): Uint8Array {
    const open = this.#open;
    if (open === undefined) return bytes;
    const part = bytes.subarray(0, open.bytes.byteLength - open.filled);
    open.bytes.set(part, open.filled);
    open.filled += part.byteLength;
    if (open.filled === open.bytes.byteLength) {
      boxes.push({ type: open.type, bytes: open.bytes });
      this.#open = undefined;
    }
    return bytes.subarray(part.byteLength);
  }

  #withHead(chunk: Uint8Array): Uint8Array {
    if (this.#head.byteLength === 0) return chunk;
    const joined = new Uint8Array(this.#head.byteLength + chunk.byteLength);
    joined.set(this.#head);
    joined.set(chunk, this.#head.byteLength);
    this.#head = new Uint8Array(0);
    return joined;
  }

  #header(bytes: Uint8Array): BoxHeader | undefined {
    const header = readBoxHeader(bytes.subarray(0, LARGE_HEADER_BYTES));
    if (header !== undefined && header.size > this.#maxBoxBytes) {
      throw new LiveError(
        "bad_container",
        `a '${header.type}' box of ${header.size} bytes exceeds ${this.#maxBoxBytes}`,
      );
    }
    return header;
  }
}

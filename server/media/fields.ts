import { LiveError } from "../core/errors.ts";

/**
 * Reads the big-endian fields of one structure, one after the other. Reading beyond the end throws `bad_container`,
 * so callers need no length checks of their own.
 */
export class Fields {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #what: string;
  #at = 0;

  /** `what` names the structure in errors. */
  constructor(bytes: Uint8Array, what: string) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#what = what;
  }

  /** Bytes not read yet. */
  get left(): number {
    return this.#bytes.byteLength - this.#at;
  }

  u8(): number {
    return this.#view.getUint8(this.#advance(1));
  }

  u16(): number {
    return this.#view.getUint16(this.#advance(2));
  }

  u32(): number {
    return this.#view.getUint32(this.#advance(4));
  }

  i32(): number {
    return this.#view.getInt32(this.#advance(4));
  }

  /** A 64-bit number; throws when it is too large to count with exactly. */
  u64(): number {
    return this.#safe(this.u32() * 2 ** 32 + this.u32());
  }

  /** A signed 64-bit number; throws when it is too large to count with exactly. */
  i64(): number {
    return this.#safe(this.i32() * 2 ** 32 + this.u32());
  }

  /** ASCII text of `length` bytes. */
  text(length: number): string {
    return String.fromCharCode(...this.take(length));
  }

  /** The next `length` bytes, not copied. */
  take(length: number): Uint8Array {
    const from = this.#advance(length);
    return this.#bytes.subarray(from, from + length);
  }

  skip(length: number): this {
    this.#advance(length);
    return this;
  }

  #advance(length: number): number {
    const from = this.#at;
    if (length > this.left) throw new LiveError("bad_container", `${this.#what} ends too early`);
    this.#at = from + length;
    return from;
  }

  #safe(value: number): number {
    if (!Number.isSafeInteger(value)) throw new LiveError("bad_container", `${this.#what} has an impossible number`);
    return value;
  }
}

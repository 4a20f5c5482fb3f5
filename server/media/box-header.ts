import { LiveError } from "../core/errors.ts";

/** A box's type and sizes in bytes; `size` includes the header. */
export interface BoxHeader {
  readonly type: string;
  readonly size: number;
  readonly headerBytes: number;
}

/** A box with a 32-bit size (ISO/IEC 14496-12 §4.2). */
export const SMALL_HEADER_BYTES = 8;

/** A box with a 64-bit size. */
export const LARGE_HEADER_BYTES = 16;

/** Reads the header that `bytes` begins with; `undefined` means that more bytes are needed. Throws on a box that cannot be. */
export function readBoxHeader(bytes: Uint8Array, at = 0): BoxHeader | undefined {
  const left = bytes.byteLength - at;
  if (left < SMALL_HEADER_BYTES) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, Math.min(left, LARGE_HEADER_BYTES));
  const type = String.fromCharCode(view.getUint8(4), view.getUint8(5), view.getUint8(6), view.getUint8(7));
  const small = view.getUint32(0);
  if (small !== 1) return checked({ type, size: small, headerBytes: SMALL_HEADER_BYTES });
  if (left < LARGE_HEADER_BYTES) return undefined;
  return checked({ type, size: view.getUint32(8) * 2 ** 32 + view.getUint32(12), headerBytes: LARGE_HEADER_BYTES });
}

/** Size 0 ("to the end of the file") is refused, too: a live stream has no such end. */
function checked(header: BoxHeader): BoxHeader {
  if (header.size < header.headerBytes || !Number.isSafeInteger(header.size)) {
    throw new LiveError("bad_container", `a '${header.type}' box cannot have a size of ${header.size} bytes`);
  }
  return header;
}

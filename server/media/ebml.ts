import { LiveError } from "../core/errors.ts";

/** The header of an EBML element (RFC 8794 §4–6). */
export interface ElementHeader {
  readonly id: number;
  /** Bytes of ID and size. */
  readonly headerBytes: number;
  /** Bytes that follow the header; `undefined` when the element's size is unknown and its end shows by what follows. */
  readonly size: number | undefined;
}

/** An element inside a buffer; `body` is not copied. */
export interface Element {
  readonly id: number;
  readonly body: Uint8Array;
}

/** The longest header: four bytes of ID (the EBMLMaxIDLength of Matroska), eight of size. */
export const MAX_ELEMENT_HEADER_BYTES = 12;

/** Reads the header at `at`; `undefined` means that more bytes are needed. Throws on what cannot be one. */
export function readElementHeader(bytes: Uint8Array, at = 0): ElementHeader | undefined {
  const idBytes = vintLength(bytes[at]);
  if (idBytes === undefined) return undefined;
  if (idBytes > 4) throw new LiveError("bad_container", "there is no element where one should begin");
  const sizeAt = at + idBytes;
  const sizeBytes = vintLength(bytes[sizeAt]);
  if (sizeBytes === undefined) return undefined;
  if (sizeBytes > 8) throw new LiveError("bad_container", "an element's size has more than 8 bytes");
  if (sizeAt + sizeBytes > bytes.byteLength) return undefined;
  const id = readUnsigned(bytes.subarray(at, sizeAt));
  return { id, headerBytes: idBytes + sizeBytes, size: readSize(bytes, sizeAt, sizeBytes) };
}

/**
 * The length of the number that begins with this byte: its leading zero bits count the bytes (RFC 8794 §4.1). 1 to 8;
 * 9 means that no number begins so.
 */
export function vintLength(first: number | undefined): number | undefined {
  return first === undefined ? undefined : Math.clz32(first) - 23;
}

/** A number with its own length, as block headers and sizes have it; `undefined` means that more bytes are needed. */
export function readVint(bytes: Uint8Array, at: number): { value: number; length: number } | undefined {
  const length = vintLength(bytes[at]);
  if (length === undefined) return undefined;
  if (length > 8) throw new LiveError("bad_container", "a number has more than 8 bytes");
  if (at + length > bytes.byteLength) return undefined;
  return { value: vintValue(bytes, at, length), length };
}

/** The elements that fill `bytes`. Throws when one reaches beyond the end or has no size. */
export function elementsIn(bytes: Uint8Array): Element[] {
  const elements: Element[] = [];
  let at = 0;
  while (at < bytes.byteLength) {
    const header = readElementHeader(bytes, at);
    const end = header?.size === undefined ? undefined : at + header.headerBytes + header.size;
    if (header === undefined || end === undefined || end > bytes.byteLength) {
      throw new LiveError("bad_container", "an element reaches beyond the one that contains it");
    }
    elements.push({ id: header.id, body: bytes.subarray(at + header.headerBytes, end) });
    at = end;
  }
  return elements;
}

/** A big-endian number of any length; inexact above 2^53. */
export function readUnsigned(bytes: Uint8Array): number {
  let value = 0;
  for (const byte of bytes) value = value * 256 + byte;
  return value;
}

/** A float of 4 or 8 bytes; 0 for any other length (RFC 8794 §7.3). */
export function readFloat(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.byteLength === 4) return view.getFloat32(0);
  return bytes.byteLength === 8 ? view.getFloat64(0) : 0;
}

/** The text of a string element, at most 64 characters; zero bytes at its end are padding (RFC 8794 §7.4). */
export function readText(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return String.fromCharCode(...bytes.subarray(0, Math.min(end < 0 ? bytes.byteLength : end, 64)));
}

function readSize(bytes: Uint8Array, at: number, length: number): number | undefined {
  const size = vintValue(bytes, at, length);
  // All bits set means unknown, whatever the length (RFC 8794 §6.2). Values of 8 bytes are rounded: hence not `===`.
  if (size >= 2 ** (7 * length) - 1) return undefined;
  if (!Number.isSafeInteger(size)) throw new LiveError("bad_container", "an element's size is impossible");
  return size;
}

function vintValue(bytes: Uint8Array, at: number, length: number): number {
  let value = (bytes[at] ?? 0) & (0xff >> length);
  for (let next = at + 1; next < at + length; next++) value = value * 256 + (bytes[next] ?? 0);
  return value;
}

import { LiveError } from "../core/errors.ts";

/** Types of FLV tags, which are those of RTMP messages, too (FLV 10.1 §E.4.1). */
export const FLV_TAG = { audio: 8, video: 9, script: 18 } as const;

/** The file's header and the size of a tag before the first, which is 0. */
export const FILE_HEADER_BYTES = 13;
export const TAG_HEADER_BYTES = 11;
/** Behind every tag stands its length. */
export const BACK_POINTER_BYTES = 4;

/** "F", by which a file's header differs from every tag. */
export const FILE_HEADER_FIRST = 0x46;

const SIGNATURE = [FILE_HEADER_FIRST, 0x4c, 0x56, 1];
const HEADER_LENGTH = [0, 0, 0, 9];
const FLAGS_AT = 4;
const HAS_VIDEO = 1;
const HAS_AUDIO = 4;

/** What kinds of track a file's header announces. */
export interface FlvKinds {
  readonly video: boolean;
  readonly audio: boolean;
}

/** The header of one tag. */
export interface TagHeader {
  readonly type: (typeof FLV_TAG)[keyof typeof FLV_TAG];
  /** Bytes of its body. */
  readonly size: number;
  /** Milliseconds. */
  readonly timeMs: number;
}

/** Whether a file's header begins here; looks at nine bytes. */
export function isFileHeader(bytes: Uint8Array, at = 0): boolean {
  const matches = (expected: readonly number[], from: number) =>
    expected.every((byte, index) => bytes[from + index] === byte);
  return matches(SIGNATURE, at) && matches(HEADER_LENGTH, at + FLAGS_AT + 1);
}

/** The tracks that a file's header announces. A header that announces none is taken for one that does not know. */
export function announcedKinds(fileHeader: Uint8Array): FlvKinds {
  const flags = (fileHeader[FLAGS_AT] ?? 0) & (HAS_VIDEO | HAS_AUDIO);
  return { video: flags === 0 || (flags & HAS_VIDEO) !== 0, audio: flags === 0 || (flags & HAS_AUDIO) !== 0 };
}

/** Reads a tag's header, of which at least eleven bytes are there. Throws `bad_container` when it cannot be one. */
export function readTagHeader(bytes: Uint8Array): TagHeader {
  const type = tagType(bytes[0]);
  const streamId = uint24(bytes, 8);
  if (type === undefined || streamId !== 0) {
    throw new LiveError("bad_container", "the stream is not FLV: a tag is expected and something else is there");
  }
  return { type, size: uint24(bytes, 1), timeMs: (bytes[7] ?? 0) * 2 ** 24 + uint24(bytes, 4) };
}

/** The type of a tag that begins with this byte; undefined when none does. */
export function tagType(byte: number | undefined): TagHeader["type"] | undefined {
  return Object.values(FLV_TAG).find((type) => type === byte);
}

export function uint24(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0);
}

/** A file's header, up to the first tag. */
export function writeFileHeader({ video, audio }: FlvKinds): Uint8Array {
  const flags = (video ? HAS_VIDEO : 0) | (audio ? HAS_AUDIO : 0);
  return Uint8Array.from([...SIGNATURE, flags, ...HEADER_LENGTH, 0, 0, 0, 0]);
}

/** One tag with its back pointer. `timeMs` is taken modulo 2^32. */
export function writeTag({ type, timeMs }: Omit<TagHeader, "size">, body: Uint8Array): Uint8Array {
  const tag = new Uint8Array(TAG_HEADER_BYTES + body.byteLength + BACK_POINTER_BYTES);
  const view = new DataView(tag.buffer);
  view.setUint32(0, body.byteLength);
  view.setUint8(0, type);
  view.setUint32(4, (timeMs & 0xffffff) << 8);
  view.setUint8(7, timeMs >>> 24);
  tag.set(body, TAG_HEADER_BYTES);
  view.setUint32(TAG_HEADER_BYTES + body.byteLength, TAG_HEADER_BYTES + body.byteLength);
  return tag;
}

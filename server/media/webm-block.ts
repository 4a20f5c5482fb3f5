import { LiveError } from "../core/errors.ts";
import { readVint } from "./ebml.ts";
import { ID } from "./matroska-ids.ts";

/** What stands in front of a block's frames (RFC 9559 §10). */
export interface BlockHeader {
  readonly track: number;
  /** Ticks after the Timestamp of the cluster. */
  readonly relativeTime: number;
  /** The key flag; only a SimpleBlock has one. */
  readonly key: boolean;
}

/** A track number of up to eight bytes, a time of two, the flags. */
export const MAX_BLOCK_HEADER_BYTES = 11;

/** Reads the header of a block of `size` bytes at `at`; `undefined` means that more bytes are needed. */
export function readBlockHeader(bytes: Uint8Array, at: number, size: number): BlockHeader | undefined {
  const track = readVint(bytes.subarray(0, at + size), at);
  const timeAt = at + (track?.length ?? 0);
  const short = track === undefined ? bytes.byteLength >= at + size : timeAt + 3 > at + size;
  if (short) throw new LiveError("bad_container", "a block is too short to be one");
  const [high, low, flags] = [bytes[timeAt], bytes[timeAt + 1], bytes[timeAt + 2]];
  if (track === undefined || high === undefined || low === undefined || flags === undefined) return undefined;
  // Signed 16 bits.
  const relativeTime = ((high << 24) >> 16) + low;
  return { track: track.value, relativeTime, key: (flags & 0x80) !== 0 };
}

/**
 * The beginning of a cluster: with it, blocks from the middle of a cluster can follow the init bytes. `timestamp` in
 * ticks; `blockBytes` are those that belong to it, `undefined` when only what follows will tell. A size is given where
 * it is known because FFmpeg complains of a cluster without one in a Segment with one.
 */
export function clusterPreamble(timestamp: number, blockBytes: number | undefined): Uint8Array {
  const ticks = digitsOf(timestamp, 1);
  const time = [ID.timestamp, 0x80 | ticks.length, ...ticks];
  const size = blockBytes === undefined ? UNKNOWN_SIZE : digitsOf(time.length + blockBytes, 7);
  return Uint8Array.of(...CLUSTER_ID, 0x01, ...size, ...time);
}

const CLUSTER_ID = [0x1f, 0x43, 0xb6, 0x75];
const UNKNOWN_SIZE = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff];

/** The bytes of a number, highest first, at least `length` of them. */
function digitsOf(value: number, length: number): number[] {
  const digits: number[] = [];
  for (let rest = value; rest > 0 || digits.length < length; rest = Math.floor(rest / 256)) digits.unshift(rest % 256);
  return digits;
}

import { LiveError } from "../core/errors.ts";
import { type ElementHeader, readUnsigned, vintLength } from "./ebml.ts";
import { ID } from "./matroska-ids.ts";

/**
 * The size of an element that must have one, be one of those that `bounds` knows, respect its bound, and end within the
 * `left` bytes of what contains it (its own header included).
 */
export function closedSize(element: ElementHeader, bounds: ReadonlyMap<number, number>, left: number): number {
  const { size } = element;
  const bound = bounds.get(element.id);
  if (bound === undefined) throw refused(element, "does not belong here");
  if (size === undefined) throw refused(element, "must say its size");
  if (size > bound) throw refused(element, `has ${size} bytes, ${bound} at most`);
  if (element.headerBytes + size > left) throw refused(element, "reaches beyond the one that contains it");
  return size;
}

/** How many bytes `startAt` looks at: an ID of four, a size of up to eight, the first of the first child. */
export const START_BYTES = 13;

/** The ID of the EBML header or the cluster that seems to begin here, by its ID and that of its first child. */
export function startAt(bytes: Uint8Array, at: number): number | undefined {
  const first = bytes[at];
  if (first !== 0x1a && first !== 0x1f) return undefined;
  const id = readUnsigned(bytes.subarray(at, at + 4));
  const sizeBytes = vintLength(bytes[at + 4]) ?? 9;
  if (sizeBytes > 8) return undefined;
  const child = bytes[at + 4 + sizeBytes] ?? 0;
  return FIRST_CHILDREN.get(id)?.includes(child) ? id : undefined;
}

/** The first byte of the IDs that these may begin with; those of the EBML header's own children are alike. */
const FIRST_CHILDREN: ReadonlyMap<number, readonly number[]> = new Map<number, readonly number[]>([
  [ID.ebml, [0x42, ID.void, ID.crc32]],
  [ID.cluster, [ID.timestamp, ID.position, ID.prevSize, ID.void, ID.crc32]],
]);

function refused({ id }: ElementHeader, why: string): LiveError {
  return new LiveError("bad_container", `element ${id.toString(16).toUpperCase()} ${why}`);
}

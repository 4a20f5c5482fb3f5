/** Units with a slice of the picture in them (ITU-T H.264, table 7-1): 5 is one that nothing before it is needed for. */
const SLICES = { first: 1, idr: 5 } as const;

/**
 * Whether decoding can begin at an access unit whose units have their length in front, in `lengthBytes` bytes: its first
 * slice is of an IDR picture. Browsers take nothing else for a key frame, whatever the container says (an open GOP or
 * intra refresh has key frames that need what was before them). A unit that is cut off counts as one.
 */
export function beginsWithIdr(unit: Uint8Array, lengthBytes: number): boolean {
  for (let at = 0; at + lengthBytes < unit.byteLength; ) {
    const type = (unit[at + lengthBytes] ?? 0) & 31;
    if (type >= SLICES.first && type <= SLICES.idr) return type === SLICES.idr;
    at += lengthBytes + lengthAt(unit, at, lengthBytes);
  }
  return true;
}

function lengthAt(bytes: Uint8Array, at: number, lengthBytes: number): number {
  let length = 0;
  for (const byte of bytes.subarray(at, at + lengthBytes)) length = length * 256 + byte;
  return length;
}

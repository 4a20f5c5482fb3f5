const KIB = 1024;
const MIB = 1024 * KIB;

/** ftyp to the end of moov. */
export const MAX_INIT_BYTES = 4 * MIB;

/** The top-level boxes of a fragmented MP4 (ISO/IEC 14496-12 §8), and how large each may be. */
const BOUNDS: ReadonlyMap<string, number> = new Map([
  ["ftyp", 64 * KIB],
  ["moov", MAX_INIT_BYTES],
  ["moof", MIB],
  // A fragment of many seconds at a high rate; a size beyond it is damage.
  ["mdat", 256 * MIB],
  ["styp", 64 * KIB],
  ["sidx", MIB],
  ["ssix", MIB],
  ["emsg", MIB],
  ["prft", 64 * KIB],
  ["pdin", 64 * KIB],
  ["free", 16 * MIB],
  ["skip", 16 * MIB],
  ["wide", 16 * MIB],
  ["uuid", 16 * MIB],
  ["meta", 16 * MIB],
  ["mfra", 16 * MIB],
]);

/** Whether a box of this type may stand at the top level. */
export function isMp4Box(type: string): boolean {
  return BOUNDS.has(type);
}

/** The most bytes that such a box may have, header included; `undefined` for another type. */
export function mp4BoxBound(type: string): number | undefined {
  return BOUNDS.get(type);
}

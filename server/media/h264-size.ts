import { Bits } from "./bits.ts";

/** Pixels. */
export interface H264Size {
  readonly width: number;
  readonly height: number;
}

/** Profiles whose parameter sets tell of chroma and scaling (ITU-T H.264 §7.3.2.1.1). */
const WITH_CHROMA: ReadonlySet<number> = new Set([44, 83, 86, 100, 110, 118, 122, 128, 134, 135, 138, 139, 244]);
const CHROMA_420 = 1;
const CHROMA_444 = 3;
/** More reference frames in a cycle than the standard allows. */
const MAX_CYCLE = 255;
const MACROBLOCK = 16;
/** Version, profile, constraints, level, length size, count of parameter sets, length of the first. */
const FIRST_SET_AT = 8;

/**
 * The size of the picture that a decoder configuration record describes (ISO/IEC 14496-15 §5.3.3.1), without what is cut
 * off; undefined when it cannot be read. Never throws.
 */
export function h264Size(configuration: Uint8Array): H264Size | undefined {
  const [high = 0, low = 0] = configuration.subarray(FIRST_SET_AT - 2, FIRST_SET_AT);
  const set = configuration.subarray(FIRST_SET_AT, FIRST_SET_AT + high * 256 + low);
  const bits = new Bits(withoutEmulation(set.subarray(1)));
  const size = sizeOf(bits);
  return bits.isOver || size.width <= 0 || size.height <= 0 ? undefined : size;
}

/** Takes out the bytes that keep start codes from appearing (§7.4.1.1). */
function withoutEmulation(bytes: Uint8Array): Uint8Array {
  return bytes.filter((byte, index) => !(byte === 3 && bytes[index - 1] === 0 && bytes[index - 2] === 0));
}

/** seq_parameter_set_data (§7.3.2.1.1). */
function sizeOf(bits: Bits): H264Size {
  const profile = bits.bits(8);
  bits.bits(16);
  bits.unsigned();
  const chroma = WITH_CHROMA.has(profile) ? readChroma(bits) : CHROMA_420;
  bits.unsigned();
  skipPictureOrder(bits);
  bits.unsigned();
  bits.bit();
  const width = (bits.unsigned() + 1) * MACROBLOCK;
  const rows = bits.unsigned() + 1;
  const fields = 2 - bits.bit();
  if (fields === 2) bits.bit();
  bits.bit();
  const hasCrop = bits.bit() === 1;
  const [left, right, top, bottom] = hasCrop ? fourOf(bits) : [0, 0, 0, 0];
  const unitX = chroma === 0 || chroma === CHROMA_444 ? 1 : 2;
  const unitY = (chroma === CHROMA_420 ? 2 : 1) * fields;
  return { width: width - unitX * (left + right), height: rows * MACROBLOCK * fields - unitY * (top + bottom) };
}

function fourOf(bits: Bits): readonly [number, number, number, number] {
  return [bits.unsigned(), bits.unsigned(), bits.unsigned(), bits.unsigned()];
}

/** chroma_format_idc; what follows it up to the scaling lists is read away. */
function readChroma(bits: Bits): number {
  const chroma = bits.unsigned();
  if (chroma === CHROMA_444) bits.bit();
  bits.unsigned();
  bits.unsigned();
  bits.bit();
  if (bits.bit() === 1) skipScaling(bits, chroma === CHROMA_444 ? 12 : 8);
  return chroma;
}

function skipScaling(bits: Bits, lists: number): void {
  for (let list = 0; list < lists; list++) {
    if (bits.bit() === 0) continue;
    let last = 8;
    let next = 8;
    for (let place = 0; place < (list < 6 ? 16 : 64); place++) {
      if (next !== 0) next = (last + bits.signed() + 256) % 256;
      if (next !== 0) last = next;
    }
  }
}

function skipPictureOrder(bits: Bits): void {
  const type = bits.unsigned();
  if (type === 0) bits.unsigned();
  if (type !== 1) return;
  bits.bit();
  bits.signed();
  bits.signed();
  const cycle = Math.min(bits.unsigned(), MAX_CYCLE);
  for (let frame = 0; frame < cycle; frame++) bits.signed();
}

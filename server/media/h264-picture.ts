import { Bits } from "./bits.ts";

/** What a sequence parameter set says of its pictures. */
export interface H264Picture {
  /** Pixels, without what is cut off. */
  readonly width: number;
  readonly height: number;
  /** How wide a pixel is, in its heights: 1 also where that is not told. */
  readonly pixelAspect: number;
  /** Fields may be coded by themselves. */
  readonly interlaced: boolean;
  /** 8 bits in 4:2:0: no browser decodes anything else, whatever decodes H.264 elsewhere. */
  readonly common: boolean;
}

/** Profiles whose parameter sets tell of chroma and scaling (ITU-T H.264 §7.3.2.1.1). */
const WITH_CHROMA: ReadonlySet<number> = new Set([44, 83, 86, 100, 110, 118, 122, 128, 134, 135, 138, 139, 244]);
/** Baseline, Main and High: those that browsers and phones decode. */
const COMMON_PROFILES: ReadonlySet<number> = new Set([66, 77, 100]);
const CHROMA_420 = 1;
const CHROMA_444 = 3;
/** More reference frames in a cycle than the standard allows. */
const MAX_CYCLE = 255;
const MACROBLOCK = 16;
/** Version, profile, constraints, level, length size, count of parameter sets, length of the first. */
const FIRST_SET_AT = 8;

/** Shapes of pixels by aspect_ratio_idc, from 1 on (table E-1). */
const PIXEL_ASPECTS = [
  1,
  12 / 11,
  10 / 11,
  16 / 11,
  40 / 33,
  24 / 11,
  20 / 11,
  32 / 11,
  80 / 33,
  18 / 11,
  15 / 11,
  64 / 33,
  160 / 99,
  4 / 3,
  3 / 2,
  2,
];
const EXPLICIT_ASPECT = 255;

/**
 * The picture that a decoder configuration record describes (ISO/IEC 14496-15 §5.3.3.1); undefined when it cannot be
 * read. Never throws.
 */
export function h264Picture(configuration: Uint8Array): H264Picture | undefined {
  const [high = 0, low = 0] = configuration.subarray(FIRST_SET_AT - 2, FIRST_SET_AT);
  const set = configuration.subarray(FIRST_SET_AT, FIRST_SET_AT + high * 256 + low);
  const bits = new Bits(withoutEmulation(set.subarray(1)));
  const picture = pictureOf(bits);
  return bits.isOver || picture.width <= 0 || picture.height <= 0 ? undefined : picture;
}

/** Takes out the bytes that keep start codes from appearing (§7.4.1.1). */
function withoutEmulation(bytes: Uint8Array): Uint8Array {
  return bytes.filter((byte, index) => !(byte === 3 && bytes[index - 1] === 0 && bytes[index - 2] === 0));
}

/** seq_parameter_set_data (§7.3.2.1.1). */
function pictureOf(bits: Bits): H264Picture {
  const profile = bits.bits(8);
  bits.bits(16);
  bits.unsigned();
  const { chroma, isDeep } = WITH_CHROMA.has(profile) ? readChroma(bits) : { chroma: CHROMA_420, isDeep: false };
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
  return {
    width: width - unitX * (left + right),
    height: rows * MACROBLOCK * fields - unitY * (top + bottom),
    pixelAspect: readPixelAspect(bits),
    interlaced: fields === 2,
    common: COMMON_PROFILES.has(profile) && chroma === CHROMA_420 && !isDeep,
  };
}

/** The beginning of vui_parameters (§E.1.1), if there are any. */
function readPixelAspect(bits: Bits): number {
  const isTold = bits.bit() === 1 && bits.bit() === 1;
  if (!isTold) return 1;
  const shape = bits.bits(8);
  if (shape !== EXPLICIT_ASPECT) return PIXEL_ASPECTS[shape - 1] ?? 1;
  const [width, height] = [bits.bits(16), bits.bits(16)];
  return width > 0 && height > 0 ? width / height : 1;
}

function fourOf(bits: Bits): readonly [number, number, number, number] {
  return [bits.unsigned(), bits.unsigned(), bits.unsigned(), bits.unsigned()];
}

/** chroma_format_idc, and whether samples have more than 8 bits; what follows up to the scaling lists is read away. */
function readChroma(bits: Bits): { readonly chroma: number; readonly isDeep: boolean } {
  const chroma = bits.unsigned();
  if (chroma === CHROMA_444) bits.bit();
  const isDeep = bits.unsigned() + bits.unsigned() > 0;
  bits.bit();
  if (bits.bit() === 1) skipScaling(bits, chroma === CHROMA_444 ? 12 : 8);
  return { chroma, isDeep };
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

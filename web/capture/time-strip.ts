/**
 * The capture time as a row of black and white cells across the top of the test card, so that a viewer's page can
 * tell from the pixels alone when the picture it shows was made.
 *
 * Left to right: 4 finder cells, 44 bits of Unix time in ms (highest first), 12 bits of CRC, 4 finder cells. The
 * finders tell black from white whatever the encoder made of them; the CRC rejects a strip that is damaged.
 */
const FINDER_START = [1, 0, 1, 0] as const;
const FINDER_END = [1, 1, 0, 0] as const;
const TIME_BITS = 44;
const CRC_BITS = 12;
const CRC_POLYNOMIAL = 0x80f;

/** How many cells make a strip. */
export const STRIP_CELLS = FINDER_START.length + TIME_BITS + CRC_BITS + FINDER_END.length;

/** Below this distance between black and white (of 255) nothing is read: the picture has no strip. */
const MIN_CONTRAST = 48;

/** The strip's height in a picture of this height: the same part of it at every rendition. */
export function stripHeight(pictureHeight: number): number {
  return Math.max(4, Math.round(pictureHeight / 18));
}

/** The cells for one time, `1` is white. Fractions of a ms are cut off. */
export function encodeTime(unixMs: number): number[] {
  const time = bitsOf(Math.floor(unixMs), TIME_BITS);
  return [...FINDER_START, ...time, ...bitsOf(crc12(time), CRC_BITS), ...FINDER_END];
}

/** Reads the time from one brightness (0–255) per cell; undefined when the strip is missing or damaged. */
export function decodeCells(levels: readonly number[]): number | undefined {
  if (levels.length !== STRIP_CELLS) return undefined;
  const threshold = thresholdOf(levels);
  if (threshold === undefined) return undefined;
  const bits = levels.map((level) => (level > threshold ? 1 : 0));
  if (!findersMatch(bits)) return undefined;
  const start = FINDER_START.length;
  const time = bits.slice(start, start + TIME_BITS);
  const crc = bits.slice(start + TIME_BITS, start + TIME_BITS + CRC_BITS);
  return numberOf(crc) === crc12(time) ? numberOf(time) : undefined;
}

/** A part of a picture as `CanvasRenderingContext2D.getImageData` gives it. */
export interface Pixels {
  readonly data: ArrayLike<number>;
  readonly width: number;
  readonly height: number;
}

/** Reads the time from the pixels of the strip alone (the top `stripHeight` rows of the picture). */
export function readStrip(pixels: Pixels): number | undefined {
  if (pixels.width < STRIP_CELLS * 2 || pixels.height < 2) return undefined;
  const levels = Array.from({ length: STRIP_CELLS }, (_, cell) => cellLevel(pixels, cell));
  return decodeCells(levels);
}

/** The mean brightness of the middle of one cell: its borders are blurred by scaling and compression. */
function cellLevel({ data, width, height }: Pixels, cell: number): number {
  const left = Math.floor((width * (cell + 0.3)) / STRIP_CELLS);
  const right = Math.max(left + 1, Math.ceil((width * (cell + 0.7)) / STRIP_CELLS));
  const top = Math.floor(height * 0.3);
  const bottom = Math.max(top + 1, Math.ceil(height * 0.7));
  let sum = 0;
  for (let y = top; y < bottom; y += 1) {
    for (let x = left; x < right; x += 1) sum += brightness(data, (y * width + x) * 4);
  }
  return sum / ((right - left) * (bottom - top));
}

function brightness(data: ArrayLike<number>, at: number): number {
  return ((data[at] ?? 0) + (data[at + 1] ?? 0) + (data[at + 2] ?? 0)) / 3;
}

function thresholdOf(levels: readonly number[]): number | undefined {
  const finders = [...FINDER_START, ...FINDER_END];
  const ends = [...levels.slice(0, FINDER_START.length), ...levels.slice(-FINDER_END.length)];
  const white = mean(ends.filter((_, cell) => finders[cell] === 1));
  const black = mean(ends.filter((_, cell) => finders[cell] === 0));
  return white - black < MIN_CONTRAST ? undefined : (white + black) / 2;
}

function findersMatch(bits: readonly number[]): boolean {
  const start = FINDER_START.every((bit, cell) => bits[cell] === bit);
  return start && FINDER_END.every((bit, cell) => bits[STRIP_CELLS - FINDER_END.length + cell] === bit);
}

function crc12(bits: readonly number[]): number {
  let crc = 0xfff;
  for (const bit of bits) {
    const carry = ((crc >> 11) & 1) ^ bit;
    crc = ((crc << 1) & 0xfff) ^ (carry === 1 ? CRC_POLYNOMIAL : 0);
  }
  return crc;
}

/** Arithmetic instead of shifts: a time in ms needs more than 32 bits. */
function bitsOf(value: number, count: number): number[] {
  return Array.from({ length: count }, (_, index) => Math.floor(value / 2 ** (count - 1 - index)) % 2);
}

function numberOf(bits: readonly number[]): number {
  return bits.reduce((value, bit) => value * 2 + bit, 0);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
}

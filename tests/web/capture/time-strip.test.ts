import { describe, expect, test } from "@jest/globals";
import { decodeCells, encodeTime, readStrip, STRIP_CELLS, stripHeight } from "../../../web/capture/time-strip.ts";

const TIMES = [0, 1, 1_795_000_000_123, 2 ** 41 + 7, 2 ** 44 - 1];
const levelsOf = (ms: number, black = 16, white = 235) => encodeTime(ms).map((cell) => (cell === 1 ? white : black));

/** Paints the cells as the test card does, then blurs and disturbs them as a strong compression would. */
function picture(cells: readonly number[], width: number, height: number, noise: () => number) {
  const data = new Uint8ClampedArray(width * height * 4);
  const at = (x: number) =>
    (cells[Math.min(STRIP_CELLS - 1, Math.floor((x * STRIP_CELLS) / width))] ?? 0) === 1 ? 225 : 25;
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const blurred = (at(Math.max(0, x - 1)) + at(x) + at(Math.min(width - 1, x + 1))) / 3;
      data.fill(blurred + noise(), (y * width + x) * 4, (y * width + x) * 4 + 4);
    }
  }
  return { data, width, height };
}

/** The same disturbance in every run. */
function disturbance(strength: number): () => number {
  let state = 1;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return (state / 2 ** 31 - 0.5) * 2 * strength;
  };
}

describe("the time strip", () => {
  test.each(TIMES)("carries %d ms", (ms) => {
    expect(encodeTime(ms)).toHaveLength(STRIP_CELLS);
    expect(decodeCells(levelsOf(ms))).toBe(ms);
  });

  test("cuts fractions of a millisecond off", () => {
    expect(decodeCells(levelsOf(1_795_000_000_123.9))).toBe(1_795_000_000_123);
  });

  test("is read whatever the encoder made of black and white", () => {
    expect(decodeCells(levelsOf(1_795_000_000_123, 70, 150))).toBe(1_795_000_000_123);
  });

  test("is refused when any single cell is wrong", () => {
    for (let cell = 0; cell < STRIP_CELLS; cell += 1) {
      const levels = levelsOf(1_795_000_000_123);
      levels[cell] = 251 - (levels[cell] ?? 0);
      expect(decodeCells(levels)).toBeUndefined();
    }
  });

  test("is refused when any two neighbours are wrong", () => {
    for (let cell = 0; cell + 1 < STRIP_CELLS; cell += 1) {
      const levels = levelsOf(1_795_000_000_123);
      for (const wrong of [cell, cell + 1]) levels[wrong] = 251 - (levels[wrong] ?? 0);
      expect(decodeCells(levels)).toBeUndefined();
    }
  });

  test.each([
    ["a black picture", 0],
    ["a grey picture", 128],
    ["a white picture", 255],
  ])("is not seen in %s", (_name, level) => {
    expect(decodeCells(Array.from({ length: STRIP_CELLS }, () => level))).toBeUndefined();
  });

  test("is not seen in a row of the wrong length", () => {
    expect(decodeCells(levelsOf(1).slice(1))).toBeUndefined();
  });

  test.each([
    [1920, 1080],
    [1280, 720],
    [640, 360],
    [426, 240],
    [320, 180],
  ])("is read from a blurred and noisy picture of %d × %d", (width, height) => {
    const pixels = picture(encodeTime(1_795_000_000_123), width, stripHeight(height), disturbance(35));
    expect(readStrip(pixels)).toBe(1_795_000_000_123);
  });

  test("is not read from a picture too small for its cells", () => {
    expect(readStrip(picture(encodeTime(1), STRIP_CELLS, 4, () => 0))).toBeUndefined();
  });
});

import { expect, test } from "@jest/globals";
import { beginsWithIdr } from "../../../server/media/h264-units.ts";

/** Units of these types, each with some bytes and its length in front. */
function accessUnit(types: readonly number[], lengthBytes = 4): Uint8Array {
  const units = types.map((type) => {
    const unit = Buffer.alloc(lengthBytes + 5, 0x55);
    unit.writeUIntBE(5, 0, lengthBytes);
    unit[lengthBytes] = 0x60 | type;
    return unit;
  });
  return Buffer.concat(units);
}

test.each([
  { units: [5], begins: true },
  { units: [9, 7, 8, 6, 5], begins: true },
  { units: [9, 7, 8, 6, 1], begins: false },
  { units: [6, 6, 1, 5], begins: false },
  { units: [2, 3, 4], begins: false },
  { units: [9, 7, 8], begins: true },
  { units: [], begins: true },
])("units $units begin with an IDR picture: $begins", ({ units, begins }) => {
  for (const lengthBytes of [1, 2, 3, 4])
    expect(beginsWithIdr(accessUnit(units, lengthBytes), lengthBytes)).toBe(begins);
});

test("what is cut off, or has lengths of 0 or beyond its end, is read to its end and no further", () => {
  const unit = accessUnit([7, 8, 1]);
  for (let length = 0; length < unit.byteLength; length++) {
    expect(typeof beginsWithIdr(unit.subarray(0, length), 4)).toBe("boolean");
  }
  expect(beginsWithIdr(new Uint8Array(64), 4)).toBe(true);
  expect(beginsWithIdr(new Uint8Array(64).fill(0xff), 4)).toBe(true);
});

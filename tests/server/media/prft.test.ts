import { expect, test } from "@jest/globals";
import { producerReferenceTime } from "../../../server/media/prft.ts";

test("is a box that says when a moment of media was where", () => {
  const box = Buffer.from(producerReferenceTime({ trackId: 1, mediaTime: 180_000, wallMs: 1_700_000_000_250 }));
  expect(box.toString("hex")).toBe(
    ["00000020", "70726674", "01000000", "00000001", "e8fe6f80", "40000000", "000000000002bf20"].join(""),
  );
});

test("keeps the milliseconds", () => {
  const box = Buffer.from(producerReferenceTime({ trackId: 7, mediaTime: 2 ** 40, wallMs: 1_700_000_000_999 }));
  const seconds = box.readUInt32BE(16) - 2_208_988_800;
  expect(Math.round((seconds + box.readUInt32BE(20) / 2 ** 32) * 1000)).toBe(1_700_000_000_999);
  expect([box.readUInt32BE(12), Number(box.readBigInt64BE(24))]).toEqual([7, 2 ** 40]);
});

import { expect, test } from "@jest/globals";
import { RateMeter } from "../../../../web/player/socket/rate-meter.ts";

test("counts what came in the last seconds", () => {
  const meter = new RateMeter();
  expect(meter.bitsPerSecond(0)).toBeUndefined();
  for (let ms = 0; ms <= 10_000; ms += 100) meter.add(ms, 12_500);
  expect(meter.bitsPerSecond(10_000)).toBeCloseTo(1e6, -5);
  expect(meter.bitsPerSecond(20_000)).toBe(0);
});

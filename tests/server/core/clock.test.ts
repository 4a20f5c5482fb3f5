import { afterEach, expect, jest, test } from "@jest/globals";
import { monotonicMs, wallMs } from "../../../server/core/clock.ts";

afterEach(() => {
  jest.restoreAllMocks();
});

test("wall time is Unix time", () => {
  expect(Math.abs(wallMs() - Date.now())).toBeLessThan(1_000);
});

test("wall time keeps its distances when the machine's clock is set back", () => {
  const before = { wall: wallMs(), monotonic: monotonicMs() };
  jest.spyOn(Date, "now").mockReturnValue(0);
  const after = { wall: wallMs(), monotonic: monotonicMs() };
  expect(after.wall).toBeGreaterThanOrEqual(before.wall);
  expect(Math.abs(after.wall - before.wall - (after.monotonic - before.monotonic))).toBeLessThan(50);
});

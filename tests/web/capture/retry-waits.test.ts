import { expect, test } from "@jest/globals";
import { RetryWaits } from "../../../web/capture/retry-waits.ts";

test("waits grow up to a few seconds, and no two publishers wait alike", () => {
  const longest = new RetryWaits(() => 1);
  const shortest = new RetryWaits(() => 0);
  expect(Array.from({ length: 7 }, () => longest.next(0))).toEqual([250, 500, 1000, 2000, 4000, 5000, 5000]);
  expect(Array.from({ length: 7 }, () => shortest.next(0))).toEqual([125, 250, 500, 1000, 2000, 2500, 2500]);
});

test("they begin anew after a connection that lasted, not after one that broke at once", () => {
  const waits = new RetryWaits(() => 1);
  waits.next(0);
  waits.next(0);
  waits.connected(1_000);
  expect(waits.next(2_000)).toBe(1000);
  waits.connected(3_000);
  expect(waits.next(14_000)).toBe(250);
});

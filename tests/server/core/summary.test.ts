import { expect, test } from "@jest/globals";
import { summarize } from "../../../server/core/summary.ts";

test("figures are summed up, and those that nobody told are left out", () => {
  expect(summarize([3, null, 1, undefined, 2])).toEqual({ min: 1, avg: 2, p50: 2, p95: 3, max: 3 });
  expect(summarize(Array.from({ length: 100 }, (_, index) => index))).toMatchObject({ p50: 50, p95: 95, max: 99 });
  expect(summarize([null, undefined])).toBeNull();
});

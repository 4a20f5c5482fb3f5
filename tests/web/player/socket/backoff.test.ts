import { expect, test } from "@jest/globals";
import { retryWaitMs } from "../../../../web/player/socket/backoff.ts";

test("waits grow, have an end, and differ from viewer to viewer", () => {
  expect([0, 1, 2, 3, 4, 5, 100].map((tries) => retryWaitMs(tries, 1))).toEqual([
    300, 600, 1200, 2400, 4800, 8000, 8000,
  ]);
  expect(retryWaitMs(3, 0)).toBe(1200);
  for (let count = 0; count < 50; count += 1) {
    expect(retryWaitMs(1)).toBeGreaterThanOrEqual(300);
    expect(retryWaitMs(1)).toBeLessThanOrEqual(600);
  }
});

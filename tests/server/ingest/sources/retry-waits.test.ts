import { expect, test } from "@jest/globals";
import { RetryWaits } from "../../../../server/ingest/sources/retry-waits.ts";

test("waits grow while nothing comes, and begin anew after a source was fine", () => {
  const waits = new RetryWaits();
  const around = (ms: number) => [Math.floor(ms * 0.8), Math.ceil(ms * 1.2)] as const;
  for (const ms of [1_000, 2_000, 5_000, 10_000, 20_000, 30_000, 30_000]) {
    const [least, most] = around(ms);
    const wait = waits.after(500);
    expect(wait).toBeGreaterThanOrEqual(least);
    expect(wait).toBeLessThanOrEqual(most);
  }
  expect(waits.after(60_000)).toBeLessThanOrEqual(300);
  expect(waits.after(0)).toBeLessThanOrEqual(1_200);
});

import { describe, expect, test } from "@jest/globals";
import { Histogram } from "../../../web/player/histogram.ts";

describe("counted delays", () => {
  test("have their quantiles to the millisecond", () => {
    const delays = new Histogram();
    for (let ms = 1; ms <= 100; ms += 1) delays.add(((ms * 37) % 100) + 1);
    expect([0, 0.05, 0.5, 0.95, 0.99, 1].map((share) => delays.quantile(share))).toEqual([1, 5, 50, 95, 99, 100]);
    expect(delays.total).toBe(100);
  });

  test("of a single picture are that picture's", () => {
    const delays = new Histogram();
    delays.add(7.4);
    expect([delays.quantile(0.05), delays.quantile(0.99)]).toEqual([7, 7]);
  });

  test("are unknown without a picture", () => {
    expect(new Histogram().quantile(0.5)).toBeUndefined();
  });

  test("that only wrong clocks can make do no harm", () => {
    const delays = new Histogram();
    delays.add(-20);
    delays.add(1e9);
    expect([delays.quantile(0), delays.quantile(1)]).toEqual([0, 60_000]);
  });
});

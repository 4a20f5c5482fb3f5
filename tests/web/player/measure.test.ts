import { describe, expect, test } from "@jest/globals";
import { summarize } from "../../../web/player/measure.ts";

describe("the measured delay", () => {
  test("is summed up by its middle and by what is nearly the worst", () => {
    const samples = Array.from({ length: 100 }, (_, index) => ({ atMs: index, delayMs: (index * 37) % 100 }));
    expect(summarize(samples)).toEqual({ p50: 50, p95: 95, pictures: 100 });
  });

  test("of a single picture is that picture's", () => {
    expect(summarize([{ atMs: 0, delayMs: 7 }])).toEqual({ p50: 7, p95: 7, pictures: 1 });
  });

  test("is unknown without a picture", () => {
    expect(summarize([])).toBeUndefined();
  });
});

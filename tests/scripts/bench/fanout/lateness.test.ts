import { expect, test } from "@jest/globals";
import { Lateness } from "../../../../scripts/bench/fanout/lateness.ts";

test("tells how late all but a share of them were", () => {
  const lateness = new Lateness();
  for (let ms = 1; ms <= 100; ms++) lateness.add(ms);
  expect(lateness.at(0.5)).toBeCloseTo(50);
  expect(lateness.at(0.99)).toBeCloseTo(99);
  expect(lateness.at(1)).toBeCloseTo(100);
});

test("what is early came in time, and what is absurdly late still counts", () => {
  const lateness = new Lateness();
  lateness.add(-5);
  lateness.add(1e9);
  expect([lateness.at(0.5), lateness.at(1)]).toEqual([0, 20_000]);
});

test("knows nothing before the first, and nothing of what it was told to forget", () => {
  const lateness = new Lateness();
  expect(lateness.at(0.5)).toBeNaN();
  lateness.add(3);
  lateness.clear();
  expect([lateness.count, lateness.at(0.5)]).toEqual([0, Number.NaN]);
});

import { expect, test } from "@jest/globals";
import { Lateness } from "../../../server/packaging/lateness.ts";

function of(...values: number[]): number {
  const lateness = new Lateness();
  for (const value of values) lateness.add(value);
  return lateness.usualMs;
}

test("nothing is known at first", () => {
  expect(of()).toBe(0);
});

test("it is a little more than the mean of the newest", () => {
  expect(of(100, 110, 120)).toBe(130);
  expect(of(...Array.from({ length: 20 }, () => 900), ...Array.from({ length: 8 }, () => 100))).toBe(120);
});

test("what was published faster than it is played tells nothing", () => {
  expect(of(100, 1_700_000_000_000, -5_000, 100)).toBe(120);
});

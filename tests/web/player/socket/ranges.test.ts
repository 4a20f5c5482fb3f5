import { describe, expect, test } from "@jest/globals";
import { overHole, rangeAt } from "../../../../web/player/socket/ranges.ts";

const ranges = [
  { start: 1, end: 5 },
  { start: 8, end: 9 },
];

describe("a hole in the media", () => {
  test.each([
    ["in the middle of what there is", 3, undefined],
    ["at the end of a stretch", 4.98, 8.001],
    ["in the hole", 6, 8.001],
    ["before everything", 0.2, 1.001],
    ["at the end of everything", 8.99, undefined],
    ["after everything", 12, undefined],
  ])("is jumped over from a position %s", (_, position, expected) => {
    expect(overHole(ranges, position)).toEqual(expected);
  });

  test("is none where there is nothing", () => {
    expect(overHole([], 3)).toBeUndefined();
  });
});

test("the stretch that a position lies in is found", () => {
  expect(rangeAt(ranges, 8.5)).toEqual({ start: 8, end: 9 });
  expect(rangeAt(ranges, 6)).toBeUndefined();
});

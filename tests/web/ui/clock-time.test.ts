import { expect, test } from "@jest/globals";
import { formatClockTime, parseClockTime } from "../../../web/ui/clock-time.ts";

test.each([
  ["83", 83_000],
  ["83.5", 83_500],
  ["83,25", 83_250],
  [" 1:23.4 ", 83_400],
  ["1:02:03", 3_723_000],
  ["0", 0],
  ["90:00", 5_400_000],
] as const)("%j is %d ms", (text, ms) => {
  expect(parseClockTime(text)).toBe(ms);
});

test.each(["", "a", "1:", ":5", "1:2:3:4", "-1", "1.2.3", "1e3"])("%j is no place", (text) => {
  expect(parseClockTime(text)).toBeUndefined();
});

test.each([
  [0, "0:00.0"],
  [83_449, "1:23.4"],
  [59_960, "1:00.0"],
  [3_723_900, "1:02:03.9"],
] as const)("%d ms is %s, which is read as the same tenth", (ms, text) => {
  expect(formatClockTime(ms)).toBe(text);
  expect(Math.abs((parseClockTime(text) ?? Number.NaN) - ms)).toBeLessThanOrEqual(50);
});

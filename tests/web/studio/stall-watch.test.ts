import { expect, test } from "@jest/globals";
import { StallWatch } from "../../../web/studio/stall-watch.ts";

test("stalls count when they rise, for a minute; viewers who leave take theirs along", () => {
  const watch = new StallWatch();
  expect(watch.note("a", 7, 0)).toBe(0);
  expect(watch.note("a", 9, 1_000)).toBe(2);
  expect(watch.note("a", 1, 2_000)).toBe(2);
  expect(watch.note("a", 4, 30_000)).toBe(5);
  expect(watch.note("a", 4, 62_000)).toBe(3);
  watch.keep([]);
  expect(watch.note("a", 4, 63_000)).toBe(0);
});

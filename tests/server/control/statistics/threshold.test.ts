import { expect, test } from "@jest/globals";
import { Threshold } from "../../../../server/control/statistics/threshold.ts";

test("each step is told once on the way up, and only well below it on the way down", () => {
  const threshold = new Threshold();
  const passed = (viewers: number) =>
    threshold.passed(viewers).map((each) => `${each.rising ? "+" : "-"}${each.threshold}`);
  expect(passed(0)).toEqual([]);
  expect(passed(1)).toEqual(["+1"]);
  expect(passed(120)).toEqual(["+10", "+100"]);
  expect(passed(99)).toEqual([]);
  expect(passed(130)).toEqual([]);
  expect(passed(79)).toEqual(["-100"]);
  expect(passed(100)).toEqual(["+100"]);
  expect(passed(0)).toEqual(["-100", "-10", "-1"]);
  expect(passed(0)).toEqual([]);
});

import { expect, test } from "@jest/globals";
import { DashEnd } from "../../../web/player/dash-end.ts";

test("a video that dash.js has paused at the end is over", () => {
  const end = new DashEnd();
  end.reached({ currentTime: 32.95, paused: false });
  expect(end.isOver({ currentTime: 32.93, paused: true })).toBe(true);
});

test("the pause of a viewer is no end", () => {
  expect(new DashEnd().isOver({ currentTime: 32.93, paused: true })).toBe(false);
});

test("a viewer who goes back after the end is watching again", () => {
  const end = new DashEnd();
  end.reached({ currentTime: 32.95, paused: false });
  expect(end.isOver({ currentTime: 10, paused: true })).toBe(false);
  expect(end.isOver({ currentTime: 32.94, paused: false })).toBe(false);
});

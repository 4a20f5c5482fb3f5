import { expect, test } from "@jest/globals";
import { Replays } from "../../../server/recordings/replays.ts";

test("who asks for segments plays, until half a minute after the last one", () => {
  const replays = new Replays();
  expect(replays.isWatched("a", 0)).toBe(false);
  replays.asked("a", 0);
  replays.asked("b", 20_000);
  expect(["a", "b"].map((id) => replays.isWatched(id, 29_999))).toEqual([true, true]);
  expect(["a", "b"].map((id) => replays.isWatched(id, 30_000))).toEqual([false, true]);
  replays.asked("a", 40_000);
  expect(replays.isWatched("a", 60_000)).toBe(true);
});

import { expect, test } from "@jest/globals";
import { LiveClock } from "../../../server/packaging/live-clock.ts";

const WALL = 1_700_000_000_000;

/** Pictures for `seconds`, each `lateMs(second)` after its time. */
function pass(clock: LiveClock, from: number, seconds: number, lateMs: (second: number) => number): number {
  let moves = 0;
  for (let time = from; time < from + seconds; time += 1 / 30) {
    if (clock.arrived(time, WALL + time * 1000 + lateMs(time))) moves += 1;
  }
  return moves;
}

const started = () => {
  const clock = new LiveClock();
  clock.start({ seconds: 0, wallMs: WALL });
  return clock;
};

test("stays where it is while pictures come as late as they did, whatever the network does now and then", () => {
  const clock = started();
  expect(pass(clock, 0, 120, (second) => 80 + (Math.floor(second) % 7 === 0 ? 900 : (second * 1000) % 60))).toBe(0);
  expect(clock.anchor).toEqual({ seconds: 0, wallMs: WALL });
});

test("follows a publisher whose clock is slower than ours", () => {
  const clock = started();
  // 100 parts in a million: 360 ms in an hour.
  pass(clock, 0, 3600, (second) => 80 + second * 0.1);
  expect(clock.anchor.wallMs - WALL).toBeGreaterThan(330);
  expect(clock.anchor.wallMs - WALL).toBeLessThan(365);
});

test("follows one that is faster, too", () => {
  const clock = started();
  pass(clock, 0, 3600, (second) => 80 - second * 0.1);
  expect(clock.anchor.wallMs - WALL).toBeLessThan(-330);
});

test("begins anew with a run that lies elsewhere, and goes on with one that continues", () => {
  const clock = started();
  pass(clock, 0, 600, (second) => 80 + second * 0.2);
  const moved = clock.anchor.wallMs;
  expect(moved).toBeGreaterThan(WALL + 90);
  clock.start({ seconds: 0, wallMs: WALL });
  expect(clock.anchor.wallMs).toBe(moved);
  clock.start({ seconds: 700, wallMs: WALL + 800_000 });
  expect(clock.anchor).toEqual({ seconds: 700, wallMs: WALL + 800_000 });
});

test("is corrected at once when the first bytes came late", () => {
  const clock = started();
  expect(pass(clock, 0, 3, (second) => (second < 0.2 ? 60 : -90))).toBeGreaterThan(0);
  expect(clock.anchor.wallMs - WALL).toBeLessThan(-75);
  expect(clock.anchor.wallMs - WALL).toBeGreaterThan(-105);
  expect(pass(clock, 3, 60, () => -90)).toBe(0);
});

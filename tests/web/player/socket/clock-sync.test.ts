import { describe, expect, test } from "@jest/globals";
import { ClockSync } from "../../../../web/player/socket/clock-sync.ts";

/** A sample of a server whose clock is `aheadMs` ahead, with its way there and back. */
function sample(atMs: number, aheadMs: number, thereMs: number, backMs: number) {
  return { askedMs: atMs, answeredMs: atMs + thereMs + backMs, serverMs: atMs + thereMs + aheadMs };
}

describe("the server's clock", () => {
  test("is unknown before the first answer", () => {
    const clock = new ClockSync();
    expect([clock.offsetMs, clock.roundTripMs]).toEqual([undefined, undefined]);
  });

  test("is taken from the quickest answer", () => {
    const clock = new ClockSync();
    clock.add(sample(0, 500, 20, 180));
    clock.add(sample(1000, 500, 5, 7));
    clock.add(sample(2000, 500, 90, 30));
    expect(clock.roundTripMs).toBe(12);
    expect(clock.offsetMs).toBe(499);
  });

  test("is never wrong by more than half of the round trip, whatever the way", () => {
    for (const [thereMs, backMs] of [
      [0, 40],
      [40, 0],
      [20, 20],
    ] as const) {
      const clock = new ClockSync();
      clock.add(sample(0, -3000, thereMs, backMs));
      expect(Math.abs((clock.offsetMs ?? 0) + 3000)).toBeLessThanOrEqual(20);
    }
  });

  test("forgets what it knew when an answer contradicts it: a clock was set, or the machine slept", () => {
    const clock = new ClockSync();
    clock.add(sample(0, 100, 1, 1));
    clock.add(sample(1000, 60_100, 30, 30));
    expect(clock.offsetMs).toBe(60_100);
  });

  test("lets old answers go", () => {
    const clock = new ClockSync();
    clock.add(sample(0, 100, 1, 1));
    for (let round = 1; round <= 12; round += 1) clock.add(sample(round * 10_000, 104, 10, 10));
    expect(clock.offsetMs).toBe(104);
  });

  test("takes no answer from before its question", () => {
    const clock = new ClockSync();
    clock.add({ askedMs: 100, answeredMs: 50, serverMs: 75 });
    expect(clock.offsetMs).toBeUndefined();
  });
});

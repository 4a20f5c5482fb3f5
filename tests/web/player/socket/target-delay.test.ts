import { describe, expect, test } from "@jest/globals";
import { DELAY_RANGE, TargetDelay } from "../../../../web/player/socket/target-delay.ts";

/** Updates ten times a second for `seconds`. */
function pass(target: TargetDelay, fromMs: number, seconds: number, leastMs: number | undefined): number {
  const endMs = fromMs + seconds * 1000;
  for (let ms = fromMs; ms <= endMs; ms += 100) target.update(ms, leastMs);
  return endMs;
}

describe("the automatic delay", () => {
  test("is what media needs, as soon as that is known", () => {
    const target = new TargetDelay();
    pass(target, 0, 1, undefined);
    expect(target.ms).toBe(150);
    target.update(1100, 110);
    expect(target.ms).toBe(110);
  });

  test("rises at once and sinks slowly", () => {
    const target = new TargetDelay();
    let now = pass(target, 0, 1, 100);
    target.update(now, 400);
    expect(target.ms).toBe(400);
    now = pass(target, now, 2, 100);
    expect(target.ms).toBeGreaterThan(300);
    pass(target, now, 10, 100);
    expect(target.ms).toBe(100);
  });

  test("rises with each underrun, more and more, and forgets them when nothing happens", () => {
    const target = new TargetDelay();
    let now = pass(target, 0, 1, 100);
    const rises = [1, 2, 3].map(() => {
      const before = target.ms;
      target.underrun();
      now += 100;
      target.update(now, 100);
      return Math.round(target.ms - before);
    });
    expect(rises[0]).toBeCloseTo(60, -1);
    expect(target.ms).toBeGreaterThan(220);
    expect(rises.every((rise) => rise > 20)).toBe(true);
    pass(target, now, 300, 100);
    expect(target.ms).toBeLessThan(105);
  });

  test("has an end", () => {
    const target = new TargetDelay();
    for (let count = 0; count < 50; count += 1) target.underrun();
    pass(target, 0, 1, 100);
    expect(target.ms).toBeLessThan(4_000);
    target.update(2_000, 1e9);
    expect(target.ms).toBe(DELAY_RANGE.max);
  });
});

describe("a delay that the viewer wants", () => {
  test("is held, whatever comes earlier", () => {
    const target = new TargetDelay();
    target.wishMs = 500;
    pass(target, 0, 10, 100);
    expect(target.ms).toBe(500);
    target.wishMs = undefined;
    expect(target.ms).toBe(100);
  });

  test("that cannot be had gives the least that can", () => {
    const target = new TargetDelay();
    target.wishMs = 150;
    pass(target, 0, 1, 320);
    expect(target.ms).toBe(320);
  });

  test("stays within what makes sense", () => {
    const target = new TargetDelay();
    target.wishMs = 1e9;
    expect(target.wishMs).toBe(DELAY_RANGE.max);
    target.wishMs = -5;
    expect(target.wishMs).toBe(DELAY_RANGE.min);
  });
});

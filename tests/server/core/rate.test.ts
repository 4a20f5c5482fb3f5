import { describe, expect, test } from "@jest/globals";
import { Rate } from "../../../server/core/rate.ts";

/** Ten a second and twenty at once, on a clock that the test moves. */
function rate() {
  let nowMs = 5_000;
  const measured = new Rate({ perSecond: 10, burst: 20, now: () => nowMs });
  return { measured, pass: (ms: number) => (nowMs += ms) };
}

describe("a rate", () => {
  test("lets the burst through at once and asks to wait for what is beyond it", () => {
    const { measured } = rate();
    measured.add(20);
    expect(measured.waitMs()).toBe(0);
    measured.add(15);
    expect(measured.waitMs()).toBe(1_500);
  });

  test("says how long to wait for more", () => {
    const { measured } = rate();
    measured.add(19);
    expect([measured.waitMs(1), measured.waitMs(2)]).toEqual([0, 100]);
  });

  test("lets what is within it flow for ever", () => {
    const { measured, pass } = rate();
    for (let second = 0; second < 1_000; second++) {
      measured.add(10);
      expect(measured.waitMs()).toBe(0);
      pass(1_000);
    }
  });

  test("lets no more than its share through in the long run, however the flow is cut", () => {
    const { measured, pass } = rate();
    let elapsedMs = 0;
    for (let turn = 0; turn < 100; turn++) {
      measured.add(7);
      const waitMs = measured.waitMs();
      pass(waitMs);
      elapsedMs += waitMs;
    }
    expect(elapsedMs).toBeCloseTo(((700 - 20) / 10) * 1000);
  });

  test("forgets, and a long pause earns no more than the burst", () => {
    const { measured, pass } = rate();
    measured.add(5);
    expect(measured.isEmpty).toBe(false);
    pass(500);
    expect(measured.isEmpty).toBe(true);
    pass(3_600_000);
    measured.add(30);
    expect(measured.waitMs()).toBe(1_000);
  });
});

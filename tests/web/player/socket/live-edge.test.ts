import { describe, expect, test } from "@jest/globals";
import { FAR_MS, LiveEdge } from "../../../../web/player/socket/live-edge.ts";

/** What a simulated viewer goes through. */
interface Course {
  readonly delayMs: number;
  readonly seconds: number;
  readonly targetMs?: (ms: number) => number;
  /** How much wrong the delay is read, in turn above and below. */
  readonly noiseMs?: number;
  /** Clocks that run apart by so many parts in a million. */
  readonly driftPpm?: number;
  /** How much the server's clock is found to be off at a moment. */
  readonly correctionMs?: (ms: number) => number;
  readonly aheadMs?: (delayMs: number) => number;
  readonly canJump?: boolean;
}

/** Plays for some seconds of simulated time, ten looks a second, and notes delay and speed at each. */
function simulate(course: Course) {
  const { seconds, noiseMs = 0, driftPpm = 0, canJump = true } = course;
  const targetMs = course.targetMs ?? (() => 200);
  const edge = new LiveEdge();
  let delayMs = course.delayMs;
  let jumps = 0;
  const steps: { readonly ms: number; readonly delayMs: number; readonly rate: number }[] = [];
  for (let ms = 0; ms < seconds * 1000; ms += 100) {
    const wrongMs = (ms / 100) % 2 === 0 ? noiseMs : -noiseMs;
    const seenMs = delayMs + wrongMs + (course.correctionMs?.(ms) ?? 0);
    const aheadMs = course.aheadMs?.(delayMs) ?? 1000;
    const steering = edge.steer({ nowMs: ms, delayMs: seenMs, targetMs: targetMs(ms), aheadMs, canJump });
    const rate = steering.do === "play" ? steering.rate : 1;
    if (steering.do === "jump") {
      jumps += 1;
      delayMs = targetMs(ms);
    } else delayMs += 100 * (1 - rate) + (100 * driftPpm) / 1e6;
    steps.push({ ms, delayMs, rate });
  }
  const since = (from: number) => steps.filter(({ ms }) => ms >= from * 1000);
  return { steps, jumps, since, last: steps.at(-1)?.delayMs ?? Number.NaN };
}

describe("a picture near its target", () => {
  test.each([900, 400, 260, 120, 20])(
    "glides from %d ms to it without a jump, and then plays at exactly 1",
    (delayMs) => {
      const { jumps, last, since } = simulate({ delayMs, seconds: 20 });
      expect(jumps).toBe(0);
      expect(Math.abs(last - 200)).toBeLessThanOrEqual(5);
      expect(since(15).every(({ rate }) => rate === 1)).toBe(true);
    },
  );

  test("never swings past it", () => {
    for (const delayMs of [1100, 500, 230]) {
      const { steps } = simulate({ delayMs, seconds: 20 });
      expect(Math.min(...steps.map((step) => step.delayMs))).toBeGreaterThan(190);
    }
    const { steps } = simulate({ delayMs: 40, seconds: 20 });
    expect(Math.max(...steps.map((step) => step.delayMs))).toBeLessThan(210);
  });

  test("is played between 0.9 and 1.1, slower and slower as it comes near", () => {
    const { steps } = simulate({ delayMs: 800, seconds: 20 });
    const rates = steps.map(({ rate }) => rate);
    expect(Math.max(...rates)).toBeLessThanOrEqual(1.1);
    expect(Math.min(...simulate({ delayMs: 10, seconds: 5 }).steps.map(({ rate }) => rate))).toBeGreaterThanOrEqual(
      0.9,
    );
    for (let index = 1; index < rates.length; index += 1) {
      expect(rates[index] ?? 0).toBeLessThanOrEqual((rates[index - 1] ?? 0) + 1e-9);
    }
  });

  test("is not touched while it is within what nobody sees, noise or not", () => {
    const { steps } = simulate({ delayMs: 205, seconds: 60, noiseMs: 5 });
    expect(steps.every(({ rate }) => rate === 1)).toBe(true);
  });

  test("stays there for hours though clocks run apart", () => {
    for (const driftPpm of [200, -200]) {
      const { since, jumps } = simulate({ delayMs: 200, seconds: 7200, driftPpm, noiseMs: 4 });
      expect(jumps).toBe(0);
      expect(Math.max(...since(10).map(({ delayMs }) => Math.abs(delayMs - 200)))).toBeLessThan(25);
    }
  });

  test("follows a target that moves and a clock that is corrected", () => {
    const moved = simulate({ delayMs: 200, seconds: 30, targetMs: (ms) => (ms < 10_000 ? 200 : 450) });
    expect(Math.abs(moved.last - 450)).toBeLessThanOrEqual(5);
    const corrected = simulate({ delayMs: 200, seconds: 30, correctionMs: (ms) => (ms < 10_000 ? 0 : 120) });
    expect(corrected.jumps).toBe(0);
    expect(Math.abs(corrected.last - 80)).toBeLessThanOrEqual(5);
  });

  test("is not played faster into nothing", () => {
    const { steps } = simulate({ delayMs: 600, seconds: 5, aheadMs: () => 20 });
    expect(steps.every(({ rate }) => rate === 1)).toBe(true);
  });
});

describe("a picture far from its target", () => {
  test("jumps once, and then is there", () => {
    const { jumps, last } = simulate({ delayMs: 200 + FAR_MS + 500, seconds: 5 });
    expect(jumps).toBe(1);
    expect(Math.abs(last - 200)).toBeLessThanOrEqual(5);
  });

  test("is caught up by speed when what it would jump to is not there", () => {
    const { jumps, last } = simulate({ delayMs: 2_500, seconds: 60, canJump: false });
    expect(jumps).toBe(0);
    expect(Math.abs(last - 200)).toBeLessThanOrEqual(5);
  });

  test("waits for a delay that is longer than what there is", () => {
    const { steps, last } = simulate({ delayMs: 300, seconds: 12, targetMs: () => 5_000, canJump: false });
    expect(steps[0]?.rate).toBe(0);
    expect(Math.abs(last - 5_000)).toBeLessThanOrEqual(20);
    expect(steps.findIndex(({ rate }) => rate > 0)).toBeLessThan(50);
  });

  test("is given time after a jump before it is judged again", () => {
    const edge = new LiveEdge();
    const glance = { delayMs: 5_000, targetMs: 200, aheadMs: 9_000, canJump: true };
    expect(edge.steer({ ...glance, nowMs: 0 })).toEqual({ do: "jump" });
    expect(edge.steer({ ...glance, nowMs: 100 })).toEqual({ do: "play", rate: 1 });
    expect(edge.steer({ ...glance, nowMs: 3_000 })).toEqual({ do: "jump" });
  });
});

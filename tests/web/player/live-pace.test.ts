import { describe, expect, test } from "@jest/globals";
import { LivePace, StuckWatch } from "../../../web/player/live-pace.ts";

/** Ten looks a second for `seconds`, at a viewer whose delay changes with the speed it is told. */
function watch(from: number, seconds: number, how: { jitter?: number; ahead?: number } = {}) {
  const pace = new LivePace();
  let latency = from;
  let rate = 1;
  const rates: number[] = [];
  for (let look = 0; look < seconds * 10; look++) {
    const seen = latency + (how.jitter ?? 0) * (look % 2 === 0 ? 1 : -1);
    rate = pace.rate({ latency: seen, target: 0.6, ahead: how.ahead ?? 1 }, rate);
    rates.push(rate);
    latency -= (rate - 1) / 10;
  }
  return { latency, rates };
}

describe("a viewer", () => {
  test("that is late comes to the target without being hurried", () => {
    const { latency, rates } = watch(1.1, 12);
    expect(latency).toBeCloseTo(0.6, 1);
    expect(Math.max(...rates)).toBe(1.1);
    expect(rates.at(-1)).toBe(1);
  });

  test("that is too early falls back to it", () => {
    const { latency, rates } = watch(0.3, 12);
    expect(latency).toBeCloseTo(0.6, 1);
    expect(Math.min(...rates)).toBe(0.95);
  });

  test("whose delay only seems to change is left alone", () => {
    expect(new Set(watch(0.6, 10, { jitter: 0.04 }).rates)).toEqual(new Set([1]));
  });

  test("with little loaded is not hurried", () => {
    expect(new Set(watch(1.1, 3, { ahead: 0.2 }).rates)).toEqual(new Set([1]));
  });

  test("who has rewound is left where it is", () => {
    expect(new Set(watch(20, 3).rates)).toEqual(new Set([1]));
  });
});

test("after a jump only what is seen then counts", () => {
  const pace = new LivePace();
  pace.rate({ latency: 20, target: 0.6, ahead: 1 }, 1);
  expect(pace.rate({ latency: 0.9, target: 0.6, ahead: 1 }, 1)).toBe(1.1);
});

describe("a picture", () => {
  const looks = (ahead: number, secondsAt: (ms: number) => number) => {
    const stuck = new StuckWatch();
    return Array.from({ length: 25 }, (_, look) => stuck.isStuck(secondsAt(look * 100), ahead, look * 100));
  };

  test("that stands with something left to play is stuck, told once a second", () => {
    expect(looks(1, () => 7).filter(Boolean)).toHaveLength(2);
  });

  test("that moves, or has nothing to play, is not", () => {
    expect(looks(1, (ms) => ms / 1000)).not.toContain(true);
    expect(looks(0.1, () => 7)).not.toContain(true);
  });
});

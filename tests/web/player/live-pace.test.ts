import { describe, expect, test } from "@jest/globals";
import { LivePace, StuckWatch } from "../../../web/player/live-pace.ts";

/** Ten looks a second for `seconds`, at a viewer who does what it is told. */
function watch(from: number, seconds: number, how: { jitter?: number; ahead?: number; pace?: LivePace } = {}) {
  const pace = how.pace ?? new LivePace();
  let [latency, position, rate] = [from, 100, 1];
  const rates: number[] = [];
  const jumps: number[] = [];
  for (let look = 0; look < seconds * 10; look++) {
    const seen = latency + (how.jitter ?? 0) * (look % 2 === 0 ? 1 : -1);
    const told = pace.look({ latency: seen, target: 0.6, ahead: how.ahead ?? 1, position }, rate, look * 100);
    ({ rate } = told);
    rates.push(rate);
    if (told.jumpTo !== undefined) {
      jumps.push(look / 10);
      latency -= told.jumpTo - position;
      position = told.jumpTo;
    }
    latency -= (rate - 1) / 10;
    position += rate / 10;
  }
  return { latency, rates, jumps };
}

describe("a viewer", () => {
  test("that is late comes to the target without being hurried", () => {
    const { latency, rates, jumps } = watch(1.1, 12);
    expect(latency).toBeCloseTo(0.6, 1);
    expect(Math.max(...rates)).toBe(1.1);
    expect(rates.at(-1)).toBe(1);
    expect(jumps).toEqual([]);
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

  test("that was thrown far back by a stall is brought to live at once, and then held there", () => {
    const { latency, jumps } = watch(6.2, 3);
    expect(jumps).toEqual([0]);
    expect(latency).toBeCloseTo(0.6, 1);
  });

  test("whose line cannot keep up is not brought back all the time", () => {
    const pace = new LivePace();
    const lost = { latency: 20, target: 0.6, ahead: 1, position: 100 };
    const jumps = Array.from({ length: 250 }, (_, look) => pace.look(lost, 1, look * 100).jumpTo);
    expect(jumps.filter((to) => to !== undefined)).toHaveLength(3);
  });

  test("who has rewound is left where it is, until it is live again", () => {
    const pace = new LivePace();
    pace.look({ latency: 0.6, target: 0.6, ahead: 1, position: 120 }, 1, 0);
    const { rates, jumps } = watch(20, 3, { pace });
    expect([new Set(rates), jumps]).toEqual([new Set([1]), []]);
    pace.look({ latency: 0.6, target: 0.6, ahead: 1, position: 140 }, 1, 0);
    expect(watch(1.1, 3, { pace }).rates).toContain(1.1);
  });

  test("who has paused is left where that was", () => {
    const pace = new LivePace();
    pace.paused();
    const { rates, jumps } = watch(5, 3, { pace });
    expect([new Set(rates), jumps]).toEqual([new Set([1]), []]);
  });
});

test("after a jump only what is seen then counts", () => {
  const pace = new LivePace();
  pace.look({ latency: 20, target: 0.6, ahead: 1, position: 100 }, 1, 0);
  expect(pace.look({ latency: 0.9, target: 0.6, ahead: 1, position: 119 }, 1, 100).rate).toBe(1.1);
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

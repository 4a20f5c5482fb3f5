import { describe, expect, test } from "@jest/globals";
import { type Glance, ProgressJudge } from "../../../web/player/progress.ts";

const still: Glance = { currentTime: 0, paused: false, ended: false, seeking: false, readyState: 4 };

/** Looks every 250 ms and notes each judgement. */
function judge(...glances: Partial<Glance>[]): string[] {
  const progress = new ProgressJudge();
  return glances.map((glance, index) => progress.look({ ...still, ...glance }, index * 250));
}

describe("whether a picture moves", () => {
  test("is waited for, then seen", () => {
    expect(judge({}, {}, { currentTime: 0.25 }, { currentTime: 0.5 })).toEqual([
      "waiting",
      "waiting",
      "playing",
      "playing",
    ]);
  });

  test("a short stop is nothing, a long one is a stall, and movement ends it", () => {
    const stop = Array.from({ length: 6 }, () => ({ currentTime: 0.25 }));
    const seen = judge({}, ...stop, { currentTime: 0.5 });
    expect(seen.slice(1, 5)).toEqual(["playing", "playing", "playing", "playing"]);
    expect(seen.at(-2)).toBe("stalled");
    expect(seen.at(-1)).toBe("playing");
  });

  test("a pause is no stall, and neither is the moment after it", () => {
    const pauses = Array.from({ length: 8 }, () => ({ currentTime: 0.25, paused: true }));
    expect(judge({}, { currentTime: 0.25 }, ...pauses, { currentTime: 0.25 }).slice(2)).toEqual([
      ...pauses.map(() => "paused"),
      "playing",
    ]);
  });

  test("an element that was emptied is not paused but stalled", () => {
    expect(judge({}, { currentTime: 0.25 }, { currentTime: 0, paused: true, readyState: 0 }).at(-1)).toBe("stalled");
  });

  test("a jump by hand is no movement", () => {
    expect(judge({}, { currentTime: 30, seeking: true })).toEqual(["waiting", "waiting"]);
  });

  test("the end is the end", () => {
    expect(judge({}, { currentTime: 0.25 }, { currentTime: 0.25, ended: true, paused: true }).at(-1)).toBe("ended");
  });

  test("how long nothing moved is counted while nothing came, but not while a picture is paused", () => {
    const progress = new ProgressJudge();
    for (let ms = 0; ms <= 5000; ms += 250) progress.look({ ...still, paused: true, readyState: 0 }, ms);
    expect(progress.stillMs).toBe(5000);
    progress.look({ ...still, paused: true, readyState: 4 }, 5250);
    expect(progress.stillMs).toBe(0);
  });
});

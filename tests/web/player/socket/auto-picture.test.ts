import { describe, expect, test } from "@jest/globals";
import { AutoPicture, type LineGlance } from "../../../../web/player/socket/auto-picture.ts";

const LADDER = [
  { name: "video0", bandwidth: 2_500_000, height: 720 },
  { name: "video1", bandwidth: 800_000, height: 360 },
  { name: "video2", bandwidth: 300_000, height: 180 },
];

/** A viewer whose line is seen once a second; `seen` says how. Returns every change with its second. */
function watch(seconds: number, seen: (second: number, playing: string) => Partial<LineGlance>, from = "video0") {
  const auto = new AutoPicture();
  const changes: string[] = [];
  let playing = from;
  for (let second = 0; second < seconds; second += 1) {
    const calm = { skips: 0, overdueMs: -100, bitsPerSecond: 5e6, burst: undefined, pictures: LADDER };
    const wanted = auto.choose({ ...calm, playing, nowMs: second * 1000, ...seen(second, playing) });
    if (wanted === undefined) continue;
    playing = wanted;
    changes.push(`${second} ${wanted}`);
  }
  return { changes, playing };
}

describe("the automatic choice of a picture", () => {
  test("stays with the largest while nothing is wrong", () => {
    expect(watch(600, () => ({})).changes).toEqual([]);
  });

  test("takes a smaller one at once when the server left something out", () => {
    const { changes } = watch(10, (second) => ({ skips: second >= 5 ? 1 : 0 }));
    expect(changes[0]).toMatch(/^5 video/);
  });

  test("takes the largest that the line carries", () => {
    const on = (bitsPerSecond: number) => watch(7, (second) => ({ skips: second >= 5 ? 1 : 0, bitsPerSecond })).playing;
    expect(on(1_200_000)).toBe("video1");
    expect(on(500_000)).toBe("video2");
    expect(on(100_000)).toBe("video2");
  });

  test("takes a smaller one at once when a beginning comes too slowly, and not because it comes quickly", () => {
    expect(watch(3, (second) => (second === 0 ? { burst: 1_500_000 } : {})).changes).toEqual(["0 video1"]);
    expect(watch(3, (second) => (second === 0 ? { burst: 3_000_000 } : {})).changes).toEqual([]);
  });

  test("takes a smaller one when media comes too late for a while, not for a moment", () => {
    expect(watch(30, (second) => ({ overdueMs: second % 4 === 0 ? 500 : -100 })).changes).toEqual([]);
    expect(watch(9, (second) => ({ overdueMs: second >= 5 ? 500 : -100 })).changes).toEqual(["7 video1"]);
  });

  test("goes down only once for what is still of the old picture, and not below the smallest", () => {
    expect(watch(30, (second) => ({ skips: second, bitsPerSecond: 1_200_000 })).changes.length).toBeLessThanOrEqual(3);
    expect(watch(60, (second) => ({ skips: second }), "video2").playing).toBe("video2");
  });

  test("tries a larger one after a quiet time", () => {
    const { changes, playing } = watch(120, () => ({}), "video2");
    expect(changes.map((change) => change.split(" ")[1])).toEqual(["video1", "video0"]);
    expect(playing).toBe("video0");
  });

  test("tries more and more seldom what does not work", () => {
    // The line carries the middle one.
    const { changes } = watch(900, (_, playing) => {
      return playing === "video0" ? { overdueMs: 800, bitsPerSecond: 1_200_000 } : {};
    });
    const tries = changes.filter((change) => change.endsWith("video0")).map((change) => Number(change.split(" ")[0]));
    expect(tries.length).toBeGreaterThanOrEqual(3);
    expect(tries.length).toBeLessThanOrEqual(8);
    const waits = tries.slice(1).map((second, index) => second - (tries[index] ?? 0));
    for (let index = 1; index < waits.length; index += 1) {
      expect(waits[index] ?? 0).toBeGreaterThan(Math.min(300, (waits[index - 1] ?? 0) * 1.4));
    }
  });

  test("goes by size where bit rates are not known yet", () => {
    const pictures = LADDER.map(({ name, height }) => ({ name, height }));
    const { changes } = watch(7, (second) => ({ pictures, skips: second >= 5 ? 1 : 0 }));
    expect(changes).toEqual(["5 video2"]);
  });
});

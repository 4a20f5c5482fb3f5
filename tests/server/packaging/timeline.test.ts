import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { Timeline } from "../../../server/packaging/timeline.ts";

const anchor = { seconds: 0, wallMs: 1_000_000 };

function started(segmentSeconds = 2, at = anchor): Timeline {
  const timeline = new Timeline(segmentSeconds);
  timeline.startRun({ continues: false, anchor: at });
  return timeline;
}

/** One whose key frames are the publisher's, and never too far apart. */
function copied(segmentSeconds = 2): Timeline {
  const timeline = new Timeline(segmentSeconds);
  timeline.startRun({ continues: false, anchor, longestSegmentSeconds: 1_000 });
  return timeline;
}

/** Times of the boundaries that key frames at these times make. */
function cuts(timeline: Timeline, keys: readonly number[]): number[] {
  const boundaries = keys.map((key) => timeline.keyAt(key));
  return [...new Set(boundaries.map(({ time }) => time))];
}

const keyFrames = [
  { name: "on the grid", keys: [0, 1, 2, 3, 4], cuts: [0, 2, 4] },
  { name: "every 1.03 s", keys: [0, 1.03, 2.06, 3.09, 4.12, 5.15, 6.18], cuts: [0, 2.06, 4.12, 6.18] },
  { name: "every half second", keys: [0, 0.5, 1, 1.5, 2, 2.5, 3, 3.5, 4], cuts: [0, 2, 4] },
  { name: "every 3 s", keys: [0, 3, 6, 9], cuts: [0, 3, 6, 9] },
  { name: "a rounding error early", keys: [0, 1.9995, 3.9991], cuts: [0, 1.9995, 3.9991] },
  { name: "early, which is not yet the next", keys: [0, 1.95, 2.95, 3.95, 4.95], cuts: [0, 2.95, 4.95] },
  { name: "late, and then in time again", keys: [0, 3.9, 4.9, 6], cuts: [0, 3.9, 4.9, 6] },
  { name: "from the middle of a cell on", keys: [3.4, 4.4, 5.4, 6.4], cuts: [3.4, 4.4, 6.4] },
  { name: "ten hours in", keys: [36_001.5, 36_002.533, 36_003.566, 36_004.6], cuts: [36_001.5, 36_002.533, 36_004.6] },
  { name: "that leave cells out", keys: [0, 8.3, 16.6], cuts: [0, 8.3, 16.6] },
];

describe("with segments of 2 s, key frames", () => {
  test.each(keyFrames)("$name cut at $cuts", ({ keys, cuts: expected }) => {
    expect(cuts(copied(), keys)).toEqual(expected);
  });
});

describe("where keys are forced", () => {
  test("one that is late does not move where its segment begins", () => {
    expect(cuts(started(), [0, 2.2, 4.3, 6.9, 8])).toEqual([0, 2.2, 4, 6, 8]);
  });

  test("but for the first of all and the first after a break", () => {
    const timeline = started();
    expect(timeline.keyAt(0.9).time).toBe(0.9);
    timeline.startRun({ continues: false, anchor });
    expect([timeline.keyAt(3.7).time, timeline.keyAt(4.9).time]).toEqual([3.7, 4]);
  });
});

test("numbers rise by one for each cell, also for those that are left out", () => {
  const timeline = started();
  expect([0, 2, 8.3, 10].map((key) => timeline.keyAt(key).number)).toEqual([0, 1, 4, 5]);
  expect(timeline.between(2, 4).map(({ boundary, seconds }) => [boundary.time, seconds])).toEqual([
    [4, 2],
    [6, 2],
  ]);
});

test("an encoder that was silent for a minute begins anew", () => {
  const timeline = started();
  expect([0, 2, 100].map((key) => timeline.keyAt(key))).toMatchObject([
    { number: 0, discontinuities: 0 },
    { number: 1, discontinuities: 0 },
    { number: 2, discontinuities: 1 },
  ]);
});

test("where keys are the publisher's, a segment reaches into the next cell, and numbers rise by one", () => {
  const timeline = new Timeline(2);
  timeline.startRun({ continues: false, anchor, longestSegmentSeconds: 3 });
  expect([0, 2.7, 5.4, 8.1].map((key) => timeline.keyAt(key).number)).toEqual([0, 1, 2, 3]);
});

test("what begins a little early is as good as on the grid", () => {
  const timeline = started();
  const times = [1.979, 2.021, 3.98, 4.02].map((time) => timeline.keyAt(time, 0.0214).number);
  expect(times).toEqual([0, 0, 1, 1]);
});

test("whoever is first decides, and all others take it over, also those who are behind", () => {
  const timeline = copied();
  const first = [0, 2.06, 4.12].map((key) => timeline.keyAt(key));
  const second = [0, 1.03, 2.06, 3.09, 4.12].map((key) => timeline.keyAt(key).number);
  expect(second).toEqual([0, 0, 1, 1, 2]);
  expect(timeline.keyAt(2.06)).toBe(first[1]);
});

test("a key frame from before the first boundary belongs to it", () => {
  const timeline = started();
  timeline.keyAt(2.2);
  expect(timeline.keyAt(2.1).number).toBe(0);
});

test("copied key frames do not drift away from the grid", () => {
  const timeline = copied();
  const keys = Array.from({ length: 2_000 }, (_, index) => index * 1.0333);
  const found = cuts(timeline, keys);
  for (const [number, time] of found.entries()) {
    expect(time).toBeGreaterThanOrEqual(number * 2 - 0.001);
    expect(time).toBeLessThan(number * 2 + 1.0333 + 0.001);
  }
});

test("each boundary is the first key frame at or after a multiple of the segment's length", () => {
  const gaps = fc.array(fc.double({ min: 0.1, max: 5, noNaN: true }), { minLength: 1, maxLength: 80 });
  const begin = fc.double({ min: 0, max: 40_000, noNaN: true });
  fc.assert(
    fc.property(begin, gaps, fc.constantFrom(1, 2, 4, 6), (start, steps, seconds) => {
      let time = start;
      const keys = steps.map((step) => {
        time += step;
        return time;
      });
      const timeline = copied(seconds);
      const cell = (at: number) => Math.floor((at + 0.001) / seconds);
      const expected = keys.filter((key, index) => index === 0 || cell(key) > cell(keys[index - 1] ?? 0));
      expect(cuts(timeline, keys)).toEqual(expected);
    }),
  );
});

test("boundaries tell when their moment reached the server", () => {
  const timeline = started(2, { seconds: 100, wallMs: 5_000_000 });
  expect(timeline.keyAt(100).wallMs).toBe(5_000_000);
  expect(timeline.keyAt(102.1).wallMs).toBe(5_002_100);
});

describe("a run that does not continue the last", () => {
  test("begins a discontinuity at its first key frame, wherever that lies", () => {
    const timeline = started();
    timeline.keyAt(0);
    timeline.keyAt(2);
    timeline.startRun({ continues: false, anchor });
    expect(timeline.keyAt(2.5)).toMatchObject({ number: 2, time: 2.5, discontinuities: 1 });
    expect(timeline.keyAt(4)).toMatchObject({ number: 3, discontinuities: 1 });
  });

  test("may begin before the last one's end", () => {
    const timeline = started();
    timeline.keyAt(100);
    timeline.startRun({ continues: false, anchor });
    expect(timeline.keyAt(10)).toMatchObject({ number: 1, time: 10, discontinuities: 1 });
    expect(timeline.keyAt(11)).toMatchObject({ number: 1 });
    expect(timeline.keyAt(12)).toMatchObject({ number: 2 });
  });

  test("is no discontinuity at the beginning of a broadcast, however often it is tried", () => {
    const timeline = started();
    timeline.startRun({ continues: false, anchor });
    timeline.startRun({ continues: true, anchor });
    expect(timeline.keyAt(0)).toMatchObject({ number: 0, discontinuities: 0 });
  });

  test("counts once, however often it is started before a key frame comes", () => {
    const timeline = started();
    timeline.keyAt(0);
    for (let round = 0; round < 3; round++) timeline.startRun({ continues: false, anchor });
    expect(timeline.keyAt(5)).toMatchObject({ number: 1, discontinuities: 1 });
  });
});

test("a run that continues goes on with the same boundaries", () => {
  const timeline = started();
  timeline.keyAt(0);
  timeline.keyAt(2);
  timeline.startRun({ continues: true, anchor: { seconds: 0, wallMs: 7 } });
  expect(timeline.keyAt(3)).toMatchObject({ number: 1, discontinuities: 0 });
  expect(timeline.keyAt(4)).toMatchObject({ number: 2, discontinuities: 0 });
});

describe("sound", () => {
  test("waits until the picture has decided", () => {
    const timeline = started();
    expect(timeline.decidedAt(0)).toBeUndefined();
    timeline.keyAt(0);
    timeline.advance(1);
    expect(timeline.decidedAt(0.5)?.number).toBe(0);
    expect(timeline.decidedAt(1.5)).toBeUndefined();
    timeline.keyAt(2);
    timeline.advance(2);
    expect(timeline.decidedAt(1.5)?.number).toBe(0);
    expect(timeline.decidedAt(2)?.number).toBe(1);
  });

  test("from before the first picture belongs to the first segment", () => {
    const timeline = started();
    timeline.keyAt(2);
    timeline.advance(2.5);
    expect(timeline.decidedAt(1.8)?.number).toBe(0);
  });

  test("waits again after a break, also for times that the last run had passed", () => {
    const timeline = started();
    timeline.keyAt(0);
    timeline.advance(10);
    timeline.breakOff();
    expect(timeline.decidedAt(1)).toBeUndefined();
    timeline.keyAt(11);
    timeline.advance(12);
    expect(timeline.decidedAt(11.5)).toMatchObject({ number: 1, discontinuities: 1 });
  });

  test("that goes on alone is cut on the grid, and the picture's keys follow it there", () => {
    const timeline = started();
    timeline.keyAt(0);
    expect(timeline.aloneAt(1.9)).toMatchObject({ number: 0 });
    expect(timeline.aloneAt(2.013)).toMatchObject({ number: 1, time: 2 });
    expect(timeline.keyAt(2)).toMatchObject({ number: 1, time: 2 });
    expect(timeline.keyAt(4.1)).toMatchObject({ number: 2, time: 4.1 });
    expect(timeline.aloneAt(4.2)).toMatchObject({ number: 2 });
  });

  test("that is there before any picture begins the first segment where it is", () => {
    expect(started().aloneAt(3.3)).toMatchObject({ number: 0, time: 3.3 });
  });

  test("the picture's progress never goes back", () => {
    const timeline = started();
    timeline.keyAt(0);
    timeline.advance(1.9);
    timeline.advance(1);
    expect(timeline.decidedAt(1.5)?.number).toBe(0);
  });
});

test("remembers the last two minutes of boundaries for those who are behind, and no more", () => {
  const timeline = started();
  for (let number = 0; number < 1_000; number++) timeline.keyAt(number * 2);
  expect(timeline.between(0, 1_000).map(({ boundary }) => boundary.number)).toEqual(
    Array.from({ length: 64 }, (_, index) => 936 + index),
  );
  expect(timeline.between(990, 993).map(({ boundary, seconds }) => [boundary.time, seconds])).toEqual([
    [1980, 2],
    [1982, 2],
    [1984, 2],
  ]);
});

test("remembers across a break how long the segment before it was", () => {
  const timeline = started();
  timeline.keyAt(0);
  timeline.keyAt(2);
  timeline.advance(2.4, 2.5);
  timeline.startRun({ continues: false, anchor });
  timeline.keyAt(10);
  timeline.keyAt(12);
  expect(timeline.between(0, 3).map(({ boundary, seconds }) => [boundary.number, seconds])).toEqual([
    [0, 2],
    [1, 0.5],
    [2, 2],
  ]);
});

test("key frames just short of the grid are taken where the next would come too late", () => {
  const timeline = new Timeline(2);
  timeline.startRun({ continues: false, anchor: { seconds: 0, wallMs: 0 }, longestSegmentSeconds: 3 });
  const keys = [0, 1.9, 3.9, 5.8, 7.75, 9.6, 11.5];
  const boundaries = keys.map((time) => timeline.keyAt(time).time);
  const lengths = [...new Set(boundaries)].map((time, index, all) => (all[index + 1] ?? time) - time).slice(0, -1);
  for (const length of lengths) expect(length).toBeLessThanOrEqual(3);
});

test("key frames a good second apart still make segments of two seconds", () => {
  const timeline = new Timeline(2);
  timeline.startRun({ continues: false, anchor: { seconds: 0, wallMs: 0 }, longestSegmentSeconds: 3 });
  const times = Array.from({ length: 12 }, (_, index) => timeline.keyAt(index * 1.03).time);
  expect([...new Set(times)].length).toBe(6);
});

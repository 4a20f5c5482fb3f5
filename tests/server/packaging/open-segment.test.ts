import { describe, expect, test } from "@jest/globals";
import { OpenSegment } from "../../../server/packaging/open-segment.ts";
import { partTarget } from "../../../server/packaging/part-length.ts";
import { chunkAt, initOf } from "../../helpers/segments.ts";

const boundary = { number: 7, time: 14, wallMs: 0, discontinuities: 0 };

/** A segment of run 3 whose first part is the track's 40th. */
function open(partSeconds: number) {
  return new OpenSegment({ boundary, init: initOf(3), start: 14_000, partSeconds, firstPart: 40 });
}

/** Chunks of these lengths in ms, one after the other from 14 s on; the first is a key frame. */
function fill(partSeconds: number, durations: readonly number[]) {
  const segment = open(partSeconds);
  let time = 14_000;
  const closed = durations.map((duration, index) => {
    const completed = segment.add(chunkAt(time, { duration, key: index === 0 }));
    time += duration;
    return completed.map((part) => part.duration);
  });
  return { segment, closed };
}

const frames = (count: number, duration: number) => Array.from({ length: count }, () => duration);

const rates = [15, 23.976, 24, 25, 29.97, 30, 50, 60];

const cases = [
  { name: "as many whole chunks as come closest", part: 0.2, durations: frames(14, 33), parts: [198, 198, 66] },
  { name: "exactly full ones", part: 0.2, durations: frames(10, 40), parts: [200, 200] },
  { name: "five times two frames of sound", part: 0.2, durations: frames(7, 42.667), parts: [213.335, 85.334] },
  { name: "single frames, when parts are shorter than one", part: 0.01, durations: frames(3, 33), parts: [33, 33, 33] },
  { name: "a chunk too long, with what came before it", part: 0.2, durations: [33, 500, 33, 33], parts: [533, 66] },
  { name: "one, when it is short", part: 0.2, durations: [33], parts: [33] },
  { name: "none of which is longer than announced", part: 0.2, durations: [180, 51, 149, 60], parts: [180, 200, 60] },
];

describe("parts", () => {
  test.each(cases)("are $name", ({ part, durations, parts }) => {
    const { parts: made } = fill(part, durations).segment.close();
    expect(made.map(({ duration }) => duration)).toEqual(parts);
  });

  test.each(rates)(
    "at %d frames per second and a clock of milliseconds fill 85 to 100 % of what is announced",
    (fps) => {
      const times = Array.from({ length: fps * 2 + 1 }, (_, index) => Math.round((index * 1000) / fps));
      const durations = times.slice(1).map((time, index) => time - (times[index] ?? 0));
      const parts = fill(0.2, durations).closed.flat();
      expect(parts.length).toBeGreaterThanOrEqual(9);
      for (const part of parts) {
        expect(part).toBeLessThanOrEqual(partTarget(0.2) * 1000);
        expect(part).toBeGreaterThanOrEqual(0.85 * partTarget(0.2) * 1000);
      }
    },
  );

  test("are complete with their last chunk, not with the first of the next", () => {
    const { segment, closed } = fill(0.1, frames(6, 50));
    expect(closed).toEqual([[], [100], [], [100], [], [100]]);
    expect(segment.parts.map(({ duration }) => duration)).toEqual([100, 100, 100]);
  });

  test("wait below 85 % for a chunk that does not fit in, but for those that begin with a key frame", () => {
    expect(fill(0.2, [100, 66, 66, 33, 66, 66]).closed).toEqual([[], [], [166], [], [], [165]]);
    expect(fill(0.2, [120, 50, 50]).closed).toEqual([[], [], [170]]);
    expect(fill(0.2, [200, 120, 60, 40]).closed).toEqual([[200], [], [], [180]]);
    expect(fill(0.2, [120, 60, 40]).closed).toEqual([[], [180], []]);
  });

  test("are counted on from those of the segment before, and belong to its run", () => {
    const { segment } = fill(0.1, frames(5, 40));
    expect([segment.parts.map(({ number }) => number), segment.nextPart]).toEqual([[40, 41], 42]);
    const { parts } = segment.close();
    expect(parts.map(({ number, run }) => [number, run])).toEqual([
      [40, 3],
      [41, 3],
      [42, 3],
    ]);
    expect(segment.nextPart).toBe(43);
  });

  test("say whether decoding can start at them", () => {
    const segment = open(0.04);
    for (const [index, key] of [true, false, false, true].entries()) segment.add(chunkAt(index * 33, { key }));
    expect(segment.close().parts.map(({ independent }) => independent)).toEqual([true, false, false, true]);
  });

  test("are views of the segment, which is in memory once", () => {
    const { bytes, parts } = fill(0.1, frames(9, 33)).segment.close();
    expect(Buffer.concat(parts.map((part) => part.bytes)).equals(bytes)).toBe(true);
    for (const part of parts) expect(part.bytes.buffer).toBe(bytes.buffer);
  });
});

describe("a closed segment", () => {
  test("lasts until the next one begins", () => {
    const { row } = fill(0.2, frames(60, 33)).segment.close({ nextStart: 16_033 });
    expect(row).toMatchObject({ number: 7, run: 3, start: 14_000, duration: 2_033, samples: 60, gap: false, boundary });
  });

  test("without a next one lasts as long as its chunks", () => {
    expect(fill(0.2, frames(60, 33)).segment.close().row.duration).toBe(1_980);
  });

  test("has all bytes in the order they came", () => {
    const { row, bytes } = fill(0.05, [33, 33, 33]).segment.close();
    expect(Buffer.from(bytes).toString()).toBe("[14000][14033][14066]");
    expect(row.bytes).toBe(bytes.byteLength);
  });
});

test("a segment is empty until its first chunk", () => {
  const segment = open(0.2);
  expect(segment.isEmpty).toBe(true);
  segment.add(chunkAt(0));
  expect(segment.isEmpty).toBe(false);
});

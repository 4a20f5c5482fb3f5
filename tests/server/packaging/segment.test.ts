import { describe, expect, test } from "@jest/globals";
import { OpenSegment } from "../../../server/packaging/segment.ts";
import { chunkAt, initOf } from "../../helpers/segments.ts";

const boundary = { number: 7, time: 14, wallMs: 0, discontinuities: 0 };

/** Chunks of these lengths in ms, one after the other from 14 s on; the first is a key frame. */
function fill(partSeconds: number, durations: readonly number[]) {
  const segment = new OpenSegment(boundary, initOf(3), partSeconds);
  let time = 14_000;
  const closed = durations.map((duration, index) => {
    const completed = segment.add(chunkAt(time, { duration, key: index === 0 }));
    time += duration;
    return completed;
  });
  return { segment, closed };
}

const frames = (count: number, duration: number) => Array.from({ length: count }, () => duration);

const cases = [
  { name: "as many whole chunks as fit", part: 0.2, durations: frames(14, 33), parts: [198, 198, 66] },
  { name: "exactly full ones", part: 0.2, durations: frames(10, 40), parts: [200, 200] },
  { name: "single frames, when parts are shorter than one", part: 0.01, durations: frames(3, 33), parts: [33, 33, 33] },
  { name: "a long chunk alone", part: 0.2, durations: [33, 500, 33, 33], parts: [33, 500, 66] },
  { name: "one, when it is short", part: 0.2, durations: [33], parts: [33] },
  { name: "none of which is longer than asked for", part: 0.2, durations: [150, 51, 149, 60], parts: [150, 200, 60] },
  { name: "a rounding error longer than asked for", part: 0.1, durations: [33, 67.05], parts: [100.05] },
];

describe("parts", () => {
  test.each(cases)("are $name", ({ part, durations, parts }) => {
    const { parts: made } = fill(part, durations).segment.close(undefined);
    expect(made.map(({ duration }) => duration)).toEqual(parts);
  });

  test("are complete when the next one begins, which is told", () => {
    const { segment, closed } = fill(0.1, frames(7, 40));
    expect(closed).toEqual([false, false, true, false, true, false, true]);
    expect(segment.parts.map(({ duration }) => duration)).toEqual([80, 80, 80]);
  });

  test("say whether decoding can start at them", () => {
    const segment = new OpenSegment(boundary, initOf(0), 0.04);
    for (const [index, key] of [true, false, false, true].entries()) segment.add(chunkAt(index * 33, { key }));
    expect(segment.close(undefined).parts.map(({ independent }) => independent)).toEqual([true, false, false, true]);
  });

  test("are views of the segment, which is in memory once", () => {
    const { bytes, parts } = fill(0.1, frames(9, 33)).segment.close(undefined);
    expect(Buffer.concat(parts.map((part) => part.bytes)).equals(bytes)).toBe(true);
    for (const part of parts) expect(part.bytes.buffer).toBe(bytes.buffer);
  });
});

describe("a closed segment", () => {
  test("lasts until the next one begins", () => {
    const { row } = fill(0.2, frames(60, 33)).segment.close(16_033);
    expect(row).toMatchObject({ number: 7, run: 3, start: 14_000, duration: 2_033, samples: 60, gap: false, boundary });
  });

  test("without a next one lasts as long as its chunks", () => {
    expect(fill(0.2, frames(60, 33)).segment.close(undefined).row.duration).toBe(1_980);
  });

  test("has all bytes in the order they came", () => {
    const { row, bytes } = fill(0.05, [33, 33, 33]).segment.close(undefined);
    expect(Buffer.from(bytes).toString()).toBe("[14000][14033][14066]");
    expect(row.bytes).toBe(bytes.byteLength);
  });
});

test("a segment is empty until its first chunk", () => {
  const segment = new OpenSegment(boundary, initOf(0), 0.2);
  expect(segment.isEmpty).toBe(true);
  segment.add(chunkAt(0));
  expect(segment.isEmpty).toBe(false);
});

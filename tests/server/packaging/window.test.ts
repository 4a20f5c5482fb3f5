import { describe, expect, test } from "@jest/globals";
import { Window } from "../../../server/packaging/window.ts";
import { initOf, segmentOf, TIMESCALE } from "../../helpers/segments.ts";

function filled(seconds: number, count: number): Window {
  const window = new Window(seconds);
  for (let number = 0; number < count; number++) window.add(segmentOf(number), TIMESCALE);
  return window;
}

const numbers = (window: Window) => window.listed.map(({ number }) => number);

describe("of segments of 2 s, a window", () => {
  test.each([
    { seconds: 60, count: 3, listed: [0, 1, 2] },
    { seconds: 6, count: 3, listed: [0, 1, 2] },
    { seconds: 6, count: 10, listed: [7, 8, 9] },
    { seconds: 5, count: 10, listed: [7, 8, 9] },
    { seconds: 1, count: 10, listed: [9] },
  ])("of $seconds s lists $listed of $count", ({ seconds, count, listed }) => {
    expect(numbers(filled(seconds, count))).toEqual(listed);
  });
});

test("what has left the list can be fetched for the length of the window and of a segment again", () => {
  const window = filled(6, 20);
  expect(numbers(window)).toEqual([17, 18, 19]);
  const kept = Array.from({ length: 20 }, (_, number) => number).filter((number) => window.segment(0, number));
  expect(kept).toEqual([12, 13, 14, 15, 16, 17, 18, 19]);
});

test("rows of everything stay for the recording", () => {
  const window = filled(6, 50);
  expect(window.rows.map(({ number }) => number)).toEqual(Array.from({ length: 50 }, (_, number) => number));
  expect(window.count).toBe(50);
});

test("a segment is found only under the run that made it", () => {
  const window = new Window(60);
  window.add(segmentOf(0, { run: 2 }), TIMESCALE);
  expect(window.segment(2, 0)?.row.number).toBe(0);
  expect(window.segment(1, 0)).toBeUndefined();
  expect(window.segment(2, 1)).toBeUndefined();
});

test("a gap is listed and counted, and there is nothing to fetch", () => {
  const window = new Window(60);
  window.add(segmentOf(0), TIMESCALE);
  window.add(segmentOf(1, { gap: true }), TIMESCALE);
  expect(numbers(window)).toEqual([0, 1]);
  expect(window.segment(0, 1)).toBeUndefined();
});

test("init segments stay, each under its run", () => {
  const window = new Window(6);
  window.addInit(initOf(0));
  window.addInit(initOf(1));
  expect(Buffer.from(window.init(0)?.bytes ?? []).toString()).toBe("init 0");
  expect(Buffer.from(window.init(1)?.bytes ?? []).toString()).toBe("init 1");
  expect(window.init(2)).toBeUndefined();
});

test("the peak bit rate is that of the worst segment, also when it has been forgotten", () => {
  const window = new Window(2);
  for (const [number, bytes] of [1_000, 9_000, 2_000, 2_000, 2_000, 2_000].entries()) {
    window.add(segmentOf(number, { bytes }), TIMESCALE);
  }
  expect(window.peakBitrate).toBe(36_000);
});

test("an empty window has nothing", () => {
  const window = new Window(60);
  expect([window.rows, window.listed, window.count, window.peakBitrate]).toEqual([[], [], 0, 0]);
});

import { describe, expect, test } from "@jest/globals";
import { lengthWords, levelWords, nameOf } from "../../../../web/player/events/event-words.ts";
import { loadEvents } from "../../../../web/player/events/load-events.ts";
import { endOf, isOn, type Mark, Marks, placeOf } from "../../../../web/player/events/marks.ts";
import { browserGlobals } from "../../../helpers/browser-globals.ts";

const AT = Date.parse("2026-01-02T03:04:05.000Z");
const mark = (id: number, startMs: number, more: Partial<Mark> = {}): Mark => ({
  id,
  type: "black",
  shape: "range",
  startMs,
  durationMs: 1000,
  at: new Date(AT + startMs).toISOString(),
  data: {},
  ...more,
});

test("an event has its place on each clock", () => {
  const event = mark(1, 2000, { placeSeconds: 0.5 });
  expect(placeOf(event, "media")).toBe(2);
  expect(placeOf(event, "date")).toBe(AT / 1000 + 2);
  expect(placeOf(event, "place")).toBe(0.5);
  expect(endOf(event, "place")).toBe(1.5);
  expect(endOf({ ...event, durationMs: null }, "media")).toBe(Number.POSITIVE_INFINITY);
});

describe("is on screen", () => {
  const on = (event: Mark) => [0.9, 1, 1.9, 2, 2.1].map((seconds) => isOn(event, { clock: "media", seconds }));
  test("a range from its beginning to its end", () => {
    expect(on(mark(1, 1000))).toEqual([false, true, true, false, false]);
  });
  test("a range that goes on from its beginning", () => {
    expect(on(mark(1, 1000, { durationMs: null }))).toEqual([false, true, true, true, true]);
  });
  test("a point for a second", () => {
    expect(on(mark(1, 1000, { shape: "point", durationMs: 0 }))).toEqual([false, true, true, false, false]);
  });
});

test("marks are in order; the end of a range replaces its beginning, and not the other way round", () => {
  const marks = new Marks();
  marks.add(mark(2, 3000, { durationMs: null }));
  marks.add(mark(1, 1000));
  marks.add(mark(2, 3000, { durationMs: 500 }));
  const { version } = marks;
  marks.add(mark(2, 3000, { durationMs: null }));
  expect(marks.marks.map(({ id, durationMs }) => [id, durationMs])).toEqual([
    [1, 1000],
    [2, 500],
  ]);
  expect(marks.version).toBe(version);
  marks.clear();
  expect(marks.marks).toEqual([]);
});

test("the oldest go where only so many are kept", () => {
  const marks = new Marks(3);
  for (let id = 1; id <= 5; id++) marks.add(mark(id, id * 1000));
  expect(marks.marks.map(({ id }) => id)).toEqual([3, 4, 5]);
});

test("of samples the newest of each type counts, unless it is long ago or still to come", () => {
  const marks = new Marks();
  const sample = (id: number, type: string, startMs: number) =>
    marks.add(mark(id, startMs, { type, shape: "sample", durationMs: 0 }));
  sample(1, "brightness", 1000);
  sample(2, "brightness", 2000);
  sample(3, "brightness", 9000);
  sample(4, "loudness", 1500);
  const at = (seconds: number) => marks.samplesAt({ clock: "media", seconds }).map(({ id }) => id);
  expect(at(2.5)).toEqual([2, 4]);
  expect(at(4.7)).toEqual([2]);
  expect(at(6)).toEqual([]);
});

test("events and measures have words", () => {
  expect([mark(1, 0), mark(1, 0, { type: "red-light" })].map(nameOf)).toEqual(["Black picture", "Red light"]);
  expect(
    [
      mark(1, 0),
      mark(1, 0, { durationMs: 75_000 }),
      mark(1, 0, { durationMs: null }),
      mark(1, 0, { shape: "point" }),
    ].map(lengthWords),
  ).toEqual(["1.0 s", "1:15", "goes on", ""]);
  const sample = (type: string, data: Mark["data"]) => mark(1, 0, { type, shape: "sample", data });
  expect(
    levelWords([
      sample("brightness", { level: 0.424 }),
      sample("motion-level", { level: 0.07 }),
      sample("loudness", { momentary: -21.84 }),
      sample("loudness", {}),
      sample("other", { count: 3 }),
    ]),
  ).toBe("brightness 42 %, motion 7 %, loudness −21.8 LUFS, nothing to hear");
});

describe("events from an address", () => {
  const answers: readonly [what: string, answer: () => Promise<Response>, count: number][] = [
    ["are read", async () => Response.json({ items: [mark(1, 1), mark(2, 2, { placeSeconds: 1 })] }), 2],
    ["are none where there are none", async () => new Response("", { status: 404 }), 0],
    ["are none where something else is", async () => Response.json({ items: [{ id: 0 }] }), 0],
    ["are none where nobody answers", () => Promise.reject(new TypeError("failed")), 0],
  ];
  test.each(answers)("%s", async (_, fetch, count) => {
    using _globals = browserGlobals({ fetch });
    expect(await loadEvents("http://host/events.json", new AbortController().signal)).toHaveLength(count);
  });
});

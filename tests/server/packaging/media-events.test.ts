import { expect, test } from "@jest/globals";
import { type MediaEvent, MediaEvents } from "../../../server/packaging/media-events.ts";

const event = (id: number, startMs: number, more: Partial<MediaEvent> = {}): MediaEvent => ({
  id,
  type: "black",
  shape: "range",
  startMs,
  durationMs: 1000,
  at: "2026-01-02T03:04:05.000Z",
  data: {},
  ...more,
});

test("tells events by their time, a range as it was last told of", () => {
  const events = new MediaEvents();
  events.add(event(1, 5000, { durationMs: null }));
  events.add(event(2, 2000, { shape: "sample", durationMs: 0 }));
  events.add(event(1, 5000));
  expect(events.all.map(({ id, durationMs }) => [id, durationMs])).toEqual([
    [2, 0],
    [1, 1000],
  ]);
});

test("lists marks, no samples, that are not over, and those that go on; the newest of too many", () => {
  const events = new MediaEvents();
  events.add(event(1, 1000));
  events.add(event(2, 1500, { durationMs: null }));
  events.add(event(3, 8000, { shape: "point", durationMs: 0 }));
  events.add(event(4, 9000, { shape: "sample", durationMs: 0 }));
  expect(events.marksFrom(5).map(({ id }) => id)).toEqual([2, 3]);
  for (let id = 10; id < 110; id++) events.add(event(id, 10_000 + id));
  expect(events.marksFrom(0)).toHaveLength(64);
  expect(events.marksFrom(0).at(-1)?.id).toBe(109);
});

test("samples are kept for a while, marks for long", () => {
  const events = new MediaEvents();
  for (let id = 1; id <= 2000; id++) events.add(event(id, id, { shape: id % 2 === 0 ? "sample" : "point" }));
  expect(events.marks).toHaveLength(1000);
  expect(events.all).toHaveLength(1512);
});

import { expect, test } from "@jest/globals";
import { EventBook } from "../../../server/analysis/event-book.ts";
import type { AnalysisEvent } from "../../../server/protocol/analysis.ts";
import { analysisEvent } from "../../../server/protocol/analysis.ts";

function bookWith(firstId = 1) {
  const told: AnalysisEvent[] = [];
  const book = new EventBook(firstId, (event) => told.push(analysisEvent.parse(event)));
  book.clock = (time) => 1_000_000 + time * 1000;
  return { book, told };
}

test("a range is told when it begins and when it ends, with the same id, date and first facts", () => {
  const { book, told } = bookWith(7);
  book.write("a", [{ type: "black", shape: "begin", time: 2, data: { level: 1 } }], 3);
  book.write("a", [{ type: "black", shape: "end", time: 5.5, data: { level: 2, deepest: 16 } }], 5.5);
  const range = { id: 7, type: "black", shape: "range", startMs: 2000, at: "1970-01-01T00:16:42.000Z" };
  expect(told).toEqual([
    { ...range, durationMs: null, data: { level: 1 } },
    { ...range, durationMs: 3500, data: { level: 1, deepest: 16 } },
  ]);
  expect(book.written).toBe(1);
});

test("points and samples have the frame's time unless they say another", () => {
  const { book, told } = bookWith();
  book.write(
    "a",
    [
      { type: "scene", shape: "point" },
      { type: "scene", shape: "sample", time: 1 },
    ],
    2,
  );
  expect(told.map(({ id, shape, startMs, durationMs }) => [id, shape, startMs, durationMs])).toEqual([
    [1, "point", 2000, 0],
    [2, "sample", 1000, 0],
  ]);
});

test("an end without a beginning and a second beginning are nothing", () => {
  const { book, told } = bookWith();
  book.write(
    "a",
    [
      { type: "black", shape: "end" },
      { type: "black", shape: "begin" },
      { type: "black", shape: "begin" },
    ],
    1,
  );
  expect(told).toHaveLength(1);
});

test("what is open is ended for those who cannot do it any more, and for all at the end", () => {
  const { book, told } = bookWith();
  book.write("a", [{ type: "black", shape: "begin" }], 1);
  book.write("b", [{ type: "black", shape: "begin" }], 1);
  book.close(3, "a");
  expect(told.map(({ id, durationMs }) => [id, durationMs])).toEqual([
    [1, null],
    [2, null],
    [1, 2000],
  ]);
  book.close(4);
  book.close(5);
  expect(told.slice(3).map(({ id, durationMs }) => [id, durationMs])).toEqual([[2, 3000]]);
});

test("more than fifty in a second of media are left out and counted", () => {
  const { book, told } = bookWith();
  for (let count = 0; count < 60; count++) book.write("a", [{ type: "noise", shape: "point" }], 1.5);
  book.write("a", [{ type: "noise", shape: "point" }], 2.1);
  expect(told).toHaveLength(51);
  expect(book.leftOut).toBe(10);
});

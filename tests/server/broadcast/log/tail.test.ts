import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { Tail } from "../../../../server/broadcast/log/tail.ts";

function filled(keepBytes: number, ...chunks: readonly string[]): Tail {
  const tail = new Tail(keepBytes);
  for (const chunk of chunks) tail.push(Buffer.from(chunk));
  return tail;
}

const trims = [
  { name: "keeps what is not written, whatever its size", keep: 1, written: 0, start: 0 },
  { name: "keeps a chunk that is written in part", keep: 1, written: 3, start: 2 },
  { name: "keeps the newest bytes though they are written", keep: 3, written: 7, start: 4 },
  { name: "keeps whole chunks", keep: 2, written: 7, start: 4 },
  { name: "keeps everything below its size", keep: 100, written: 7, start: 0 },
  { name: "keeps nothing when it may not", keep: 0, written: 7, start: 7 },
];

describe("of ab, cd, efg", () => {
  test.each(trims)("it $name", ({ keep, written, start }) => {
    const tail = filled(keep, "ab", "cd", "efg");
    tail.trim(written);
    expect([tail.start, tail.end]).toEqual([start, 7]);
  });

  test.each([
    [0, "ab"],
    [1, "b"],
    [2, "cd"],
    [4, "efg"],
    [6, "g"],
  ])("from %d on it gives %s", (offset, text) => {
    expect(Buffer.from(filled(100, "ab", "cd", "efg").from(offset)).toString()).toBe(text);
  });

  test.each([-1, 3, 7, 8])("after a trim to 4 there is nothing at %d", (offset) => {
    const tail = filled(3, "ab", "cd", "efg");
    tail.trim(7);
    expect(() => tail.from(offset)).toThrow(RangeError);
  });
});

test("an empty tail has no bytes", () => {
  const tail = new Tail(10);
  tail.trim(0);
  expect([tail.start, tail.end]).toEqual([0, 0]);
  expect(() => tail.from(0)).toThrow(RangeError);
});

test("gives views of what was pushed, no copies", () => {
  const chunk = Buffer.from("abc");
  const tail = new Tail(10);
  tail.push(chunk);
  expect(tail.from(1).buffer).toBe(chunk.buffer);
});

test("whatever is pushed, written and trimmed, it holds what it must and no more", () => {
  const step = fc.record({ push: fc.integer({ min: 1, max: 20 }), write: fc.double({ min: 0, max: 1, noNaN: true }) });
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 40 }), fc.array(step, { maxLength: 60 }), (keep, steps) => {
      const tail = new Tail(keep);
      const largest = Math.max(0, ...steps.map(({ push }) => push));
      let sent = Buffer.alloc(0);
      let written = 0;
      for (const { push, write } of steps) {
        const chunk = Buffer.from(Array.from({ length: push }, (_, index) => (sent.length + index) % 251));
        tail.push(chunk);
        sent = Buffer.concat([sent, chunk]);
        written += Math.floor((sent.length - written) * write);
        tail.trim(written);

        expect(tail.end).toBe(sent.length);
        expect(tail.start).toBeLessThanOrEqual(Math.max(0, Math.min(written, sent.length - keep)));
        expect(tail.end - tail.start).toBeLessThanOrEqual(Math.max(sent.length - written, keep) + largest);
        for (let offset = tail.start; offset < tail.end; ) {
          const bytes = tail.from(offset);
          expect(sent.subarray(offset, offset + bytes.byteLength).equals(bytes)).toBe(true);
          offset += bytes.byteLength;
        }
      }
    }),
    { numRuns: 100 },
  );
});

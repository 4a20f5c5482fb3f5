import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { EventParser } from "../../../web/studio/event-parser.ts";

const STREAM = ': connected\n\nid: 1\nevent: a\ndata: {"x":1}\n\n:\n\nid:2\r\ndata: one\r\ndata: two\r\n\r\ndata:\n\n';
const MESSAGES = [
  { id: "1", data: '{"x":1}' },
  { id: "2", data: "one\ntwo" },
  { id: undefined, data: "" },
];

describe("an event stream", () => {
  test("is cut into messages, without comments and unknown fields", () => {
    expect(new EventParser().take(STREAM)).toEqual(MESSAGES);
  });

  test("is read alike wherever it is torn", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(STREAM.length), { maxLength: 12 }), (places) => {
        const cuts = [0, ...places.toSorted((a, b) => a - b), STREAM.length];
        const parser = new EventParser();
        const found = cuts.slice(1).flatMap((end, index) => parser.take(STREAM.slice(cuts[index], end)));
        expect(found).toEqual(MESSAGES);
      }),
    );
  });

  test("does not keep a message that has no end", () => {
    const parser = new EventParser();
    const much = `data: ${"x".repeat(600_000)}`;
    parser.take(much);
    expect(() => parser.take(much)).toThrow("no end");
  });
});

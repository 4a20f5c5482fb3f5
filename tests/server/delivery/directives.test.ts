import { expect, test } from "@jest/globals";
import { parseDirectives } from "../../../server/delivery/directives.ts";

test.each([
  { query: {}, wanted: undefined, delta: false },
  { query: { other: "1" }, wanted: undefined, delta: false },
  { query: { _HLS_msn: "7" }, wanted: { segment: 7, part: undefined }, delta: false },
  { query: { _HLS_msn: "7", _HLS_part: "0" }, wanted: { segment: 7, part: 0 }, delta: false },
  { query: { _HLS_skip: "YES" }, wanted: undefined, delta: true },
  { query: { _HLS_msn: "7", _HLS_part: "3", _HLS_skip: "v2" }, wanted: { segment: 7, part: 3 }, delta: true },
])("$query is understood", ({ query, wanted, delta }) => {
  expect(parseDirectives(query)).toEqual({ wanted, delta });
});

test.each([
  { _HLS_part: "0" },
  { _HLS_msn: "-1" },
  { _HLS_msn: "1.5" },
  { _HLS_msn: "one" },
  { _HLS_msn: "" },
  { _HLS_msn: ["1", "2"] },
  { _HLS_msn: "1", _HLS_part: "x" },
  { _HLS_msn: "9".repeat(40) },
  { _HLS_skip: "NO" },
])("%j is refused", (query) => {
  expect(() => parseDirectives(query)).toThrow();
});

import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { ReplayPlaces } from "../../../server/chat/replay-places.ts";

const BEGIN = Date.parse("2026-01-02T03:04:05.000Z");

function playlist(...segments: readonly [wallMs: number, seconds: number][]): string {
  const lines = segments.flatMap(([wallMs, seconds], index) => [
    `#EXT-X-PROGRAM-DATE-TIME:${new Date(wallMs).toISOString()}`,
    `#EXTINF:${seconds.toFixed(5)},`,
    `0/${index}.m4s`,
  ]);
  return ["#EXTM3U", ...lines, "#EXT-X-ENDLIST", ""].join("\n");
}

test("a moment lies in the segment that held it, and one in a break at its end", () => {
  // Two segments, then twenty seconds without a publisher, then one more.
  const places = new ReplayPlaces(playlist([BEGIN, 2], [BEGIN + 2000, 2], [BEGIN + 24_000, 2]), BEGIN - 300);
  for (const [afterMs, place] of [
    [-1000, 0],
    [0, 0],
    [1500, 1.5],
    [3000, 3],
    [4000, 4],
    [20_000, 4],
    [24_500, 4.5],
    [99_000, 6],
  ] as const) {
    expect(places.placeOf(BEGIN + afterMs)).toBeCloseTo(place, 5);
  }
});

test("a clip has the moments of its own time, and no others", () => {
  const places = new ReplayPlaces(playlist([BEGIN, 2], [BEGIN + 2000, 2]), BEGIN);
  expect([-1, 0, 3999, 4001].map((after) => places.has(BEGIN + after))).toEqual([false, true, true, false]);
  expect(new ReplayPlaces(undefined, BEGIN).has(BEGIN)).toBe(false);
});

test("without a playlist the replay runs as the broadcast did", () => {
  const places = new ReplayPlaces(undefined, BEGIN);
  expect([BEGIN - 1, BEGIN + 1500].map((at) => places.placeOf(at))).toEqual([0, 1.5]);
});

test("no text makes a place that is none", () => {
  const damage = fc.oneof(
    fc.string(),
    fc.constantFrom("#EXTINF:", "#EXTINF:-1,", "#EXT-X-PROGRAM-DATE-TIME:x", "#EXTINF:NaN,"),
  );
  fc.assert(
    fc.property(fc.array(damage), fc.integer(), (lines, at) => {
      const whole = playlist([BEGIN, 2], [BEGIN + 2000, 2]).split("\n");
      const text = whole.flatMap((each, index) => [each, lines[index] ?? ""]).join("\n");
      const place = new ReplayPlaces(text, BEGIN).placeOf(BEGIN + at);
      expect(place).toBeGreaterThanOrEqual(0);
      expect(Number.isFinite(place)).toBe(true);
    }),
  );
});

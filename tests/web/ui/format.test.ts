import { describe, expect, test } from "@jest/globals";
import { formatBitRate, formatBytes, formatDelay, formatDuration, formatWhen } from "../../../web/ui/format.ts";

describe("figures for people", () => {
  test.each([
    [0, "0 B"],
    [999, "999 B"],
    [1000, "1 KB"],
    [1536, "1.5 KB"],
    [123_456, "123 KB"],
    [2_500_000, "2.5 MB"],
    [7.25e12, "7.3 TB"],
    [9e15, "9000 TB"],
  ])("%d bytes are %s", (bytes, text) => {
    expect(formatBytes(bytes)).toBe(text);
  });

  test.each([
    [0, "0 kbit/s"],
    [800_000, "800 kbit/s"],
    [2_500_000, "2.5 Mbit/s"],
    [10_000_000, "10 Mbit/s"],
  ])("%d bit/s are %s", (bits, text) => {
    expect(formatBitRate(bits)).toBe(text);
  });

  test.each([
    [0, "0:00"],
    [-5, "0:00"],
    [65_999, "1:05"],
    [3_723_000, "1:02:03"],
  ])("%d ms are %s", (ms, text) => {
    expect(formatDuration(ms)).toBe(text);
  });

  test.each([
    [0.238, "240 ms"],
    [0.99, "990 ms"],
    [0.997, "1.0 s"],
    [1.44, "1.4 s"],
    [9.96, "10 s"],
    [12.4, "12 s"],
    [-1, "0 ms"],
  ])("a delay of %d s is %s", (seconds, text) => {
    expect(formatDelay(seconds)).toBe(text);
  });

  test("a moment is told in the reader's manner", () => {
    expect(formatWhen("2026-11-21T10:00:00Z", "en-GB")).toMatch(/21 Nov 2026/);
  });
});

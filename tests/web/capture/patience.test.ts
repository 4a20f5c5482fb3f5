import { describe, expect, test } from "@jest/globals";
import { type Awaited, Patience } from "../../../web/capture/patience.ts";

const BEAT_MS = 250;

/** Beats until patience ends; answers after how many ms, or undefined when it never does. */
function endAfter(patience: Patience, awaited: Awaited | undefined, fromMs = 0): number | undefined {
  for (let ms = 0; ms <= 60_000; ms += BEAT_MS) {
    if (patience.beat(awaited, fromMs + ms)) return ms;
  }
  return undefined;
}

describe("a silent connection", () => {
  test.each([
    ["connecting", 8_000],
    ["answering", 10_000],
    ["ending", 20_000],
  ] as const)("that is %s is given up after %d ms", (awaited, ms) => {
    expect(endAfter(new Patience(), awaited)).toBe(ms + BEAT_MS);
  });

  test("of which nothing is awaited is left alone", () => {
    expect(endAfter(new Patience(), undefined)).toBeUndefined();
  });

  test("starts anew with every sign of life, and when something else is awaited", () => {
    const patience = new Patience();
    for (let ms = 0; ms <= 9_000; ms += BEAT_MS) expect(patience.beat("answering", ms)).toBe(false);
    patience.heard();
    for (let ms = 9_250; ms <= 18_000; ms += BEAT_MS) expect(patience.beat("answering", ms)).toBe(false);
    expect(endAfter(patience, "ending", 18_250)).toBe(20_000);
  });

  test("has only a moment after the network changed, until it has answered", () => {
    const patience = new Patience();
    expect(patience.beat("answering", 0)).toBe(false);
    patience.suspect();
    expect(endAfter(patience, "answering", 0)).toBe(3_250);
    patience.heard();
    expect(endAfter(patience, "answering", 3_250)).toBeGreaterThan(9_000);
  });

  test("is not blamed for the time that the machine slept, but has to prove that it lives", () => {
    const patience = new Patience();
    for (let ms = 0; ms <= 5_000; ms += BEAT_MS) patience.beat("answering", ms);
    expect(patience.beat("answering", 3_605_000)).toBe(false);
    expect(endAfter(patience, "answering", 3_605_250)).toBeLessThan(3_000);
  });
});

import { describe, expect, test } from "@jest/globals";
import { isSmooth, SwitchPatience } from "../../../web/player/smooth-switch.ts";

/** Parts of 0.2 s, the one at 10 and the one at 11 with a key frame. */
const parts = Array.from({ length: 10 }, (_, index) => ({ start: 10 + index * 0.2, independent: index % 5 === 0 }));

describe("a change of rendition is smooth", () => {
  test.each([
    { name: "when the newest key frame is still ahead of the decoder", position: 10.6, loadedTo: 11.2, is: true },
    { name: "not when the decoder is past it already", position: 10.8, loadedTo: 11.4, is: false },
    { name: "not when the newest one that is loaded is long past", position: 10.3, loadedTo: 10.8, is: false },
    { name: "as well as it can be when next to nothing is loaded", position: 10.7, loadedTo: 10.8, is: true },
    { name: "when no key frame is known", position: 3, loadedTo: 4, is: true },
  ])("$name", ({ position, loadedTo, is }) => {
    expect(isSmooth({ parts, position, loadedTo })).toBe(is);
  });
});

test("it is waited for, but not for long, and every wish anew", () => {
  const patience = new SwitchPatience();
  const bad = { parts, position: 10.3, loadedTo: 10.8 };
  expect([0, 3_900, 4_100].map((ms) => patience.mayChange(bad, ms))).toEqual([false, false, true]);
  expect(patience.mayChange(bad, 4_200)).toBe(false);
  patience.forget();
  expect(patience.mayChange(bad, 8_300)).toBe(false);
  expect(patience.mayChange(undefined, 8_400)).toBe(true);
});

import { describe, expect, test } from "@jest/globals";
import { Lateness } from "../../../../web/player/socket/lateness.ts";

describe("how late media comes", () => {
  test("is unknown before any came", () => {
    expect(new Lateness().usual(0, 1)).toBeUndefined();
    expect(new Lateness().newest).toBeUndefined();
  });

  test("is what a share of the last seconds did not exceed", () => {
    const lateness = new Lateness();
    for (let index = 0; index < 100; index += 1) lateness.add(index * 100, index);
    expect(lateness.usual(10_000, 1)).toBe(99);
    expect(lateness.usual(10_000, 0.9)).toBe(89);
    expect(lateness.newest).toBe(99);
  });

  test("is forgotten after a while", () => {
    const lateness = new Lateness();
    lateness.add(0, 400);
    for (let ms = 100; ms <= 16_000; ms += 100) lateness.add(ms, 60);
    expect(lateness.usual(16_000, 1)).toBe(60);
  });

  test("is not that of a break in the line, whose media comes all at once", () => {
    const lateness = new Lateness();
    for (let ms = 0; ms < 5_000; ms += 33) lateness.add(ms, 60 + (ms % 40));
    for (let late = 2_000; late > 60; late -= 33) lateness.add(7_000 + late / 1_000, late);
    for (let ms = 7_100; ms < 9_000; ms += 33) lateness.add(ms, 60 + (ms % 40));
    expect(lateness.usual(9_000, 1)).toBeLessThan(100);
  });

  test("is that of a line that has become slower for good", () => {
    const lateness = new Lateness();
    for (let ms = 0; ms < 5_000; ms += 33) lateness.add(ms, 60);
    for (let ms = 5_000; ms < 14_000; ms += 33) lateness.add(ms, 900);
    expect(lateness.usual(14_000, 1)).toBe(900);
  });

  test("is not told by the few that came all at once after the machine slept", () => {
    const lateness = new Lateness();
    for (let ms = 0; ms < 5_000; ms += 33) lateness.add(ms, 60);
    for (let late = 30_000; late > 60; late -= 33) lateness.add(35_000 + late / 1_000, late);
    expect(lateness.usual(35_100, 1)).toBeUndefined();
    for (let ms = 35_100; ms < 37_000; ms += 33) lateness.add(ms, 60);
    expect(lateness.usual(37_000, 1)).toBe(60);
  });

  test("moves with the clock that it was measured with", () => {
    const lateness = new Lateness();
    for (let ms = 0; ms < 2_000; ms += 100) lateness.add(ms, 60);
    lateness.shift(200);
    expect(lateness.usual(2_000, 1)).toBe(260);
    lateness.clear();
    expect(lateness.usual(2_000, 1)).toBeUndefined();
  });
});

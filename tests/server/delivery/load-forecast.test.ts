import { expect, test } from "@jest/globals";
import { LoadForecast } from "../../../server/delivery/load-forecast.ts";

function after(...looks: readonly (readonly [busy: number, viewers: number])[]): LoadForecast {
  const forecast = new LoadForecast();
  for (const [busy, viewers] of looks) forecast.look(busy, viewers);
  return forecast;
}

const steady = (busy: number, viewers: number) => Array.from({ length: 6 }, () => [busy, viewers] as const);

test("twice as many viewers keep it busy twice as long", () => {
  expect(after(...steady(0.3, 600)).busyWith(1200)).toBeCloseTo(0.6);
});

test("a flood shows while it comes, before it can be measured", () => {
  const forecast = after(...steady(0.5, 1000));
  expect(forecast.busyWith(1700)).toBeLessThan(0.9);
  expect(forecast.busyWith(1900)).toBeGreaterThan(0.9);
});

test("a busy moment says nothing, busy seconds do", () => {
  const calm = steady(0.2, 500);
  expect(after(...calm, [1, 500]).busyWith(600)).toBeCloseTo(0.24);
  expect(after(...calm, [1, 500], [1, 500], [1, 500]).busyWith(600)).toBeCloseTo(0.24);
  expect(after(...calm, ...steady(1, 500)).busyWith(600)).toBeCloseTo(1.2);
});

test("what a server does without viewers is not theirs", () => {
  expect(after(...steady(0.4, 0)).busyWith(1)).toBeCloseTo(0.4);
  expect(after(...steady(0.4, 3)).busyWith(300)).toBeCloseTo(0.4);
  expect(after(...steady(0.4, 3)).busyWith(700)).toBeGreaterThan(0.9);
  expect(after(...steady(0.95, 3)).busyWith(4)).toBeGreaterThan(0.9);
});

test("before it has looked often enough it foretells nothing", () => {
  expect(after().busyWith(5000)).toBe(0);
  expect(after([1, 0], [1, 0], [1, 0]).busyWith(5000)).toBe(0);
});

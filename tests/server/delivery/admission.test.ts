import { afterEach, beforeEach, expect, jest, test } from "@jest/globals";
import { Admission } from "../../../server/delivery/admission.ts";

let viewers: number;
let busy: number;
let admission: Admission;

beforeEach(() => {
  jest.useFakeTimers();
  viewers = 0;
  busy = 0;
  admission = new Admission({ maxViewers: 2_000, viewers: () => viewers, busy: () => busy });
});
afterEach(() => {
  admission[Symbol.dispose]();
  expect(jest.getTimerCount()).toBe(0);
  jest.useRealTimers();
});

test("who comes after the most that are wanted is told so", () => {
  viewers = 1_999;
  expect(admission.refusal).toBeUndefined();
  viewers = 2_000;
  expect(admission.refusal).toContain("2000 viewers");
});

test("a flood is refused before anybody feels it, and let in again when others have left", () => {
  viewers = 1_000;
  busy = 0.6;
  jest.advanceTimersByTime(3_000);
  viewers = 1_490;
  expect(admission.refusal).toBeUndefined();
  viewers = 1_510;
  expect(admission.refusal).toContain("at its limit");
  viewers = 1_400;
  expect(admission.refusal).toBeUndefined();
});

test("a server that is busy with other things for seconds takes nobody", () => {
  busy = 1;
  jest.advanceTimersByTime(2_500);
  expect(admission.refusal).toBeUndefined();
  jest.advanceTimersByTime(500);
  expect(admission.refusal).toContain("at its limit");
  busy = 0.1;
  jest.advanceTimersByTime(500);
  expect(admission.refusal).toBeUndefined();
});

import { afterEach, expect, jest, test } from "@jest/globals";
import { Pulse } from "../../../server/core/pulse.ts";
import { hold } from "../../../server/delivery/hold.ts";
import { settle } from "../../helpers/eventually.ts";

afterEach(() => {
  jest.useRealTimers();
});

function holding() {
  const pulse = new Pulse();
  const viewer = new AbortController();
  return { pulse, viewer, how: { pulse, signal: viewer.signal, limitMs: 1_000 } };
}

test("what is there is answered without waiting", async () => {
  const { pulse, how } = holding();
  const answer = hold(how, () => "there");
  expect(pulse.waiting).toBe(0);
  expect(await answer).toBe("there");
});

test("what comes later is answered when it comes, however often the pulse fires before", async () => {
  const { pulse, how } = holding();
  let found: string | undefined;
  const answer = hold(how, () => found);
  for (let round = 0; round < 3; round++) {
    pulse.fire();
    await settle();
  }
  found = "there";
  pulse.fire();
  expect(await answer).toBe("there");
  expect(pulse.waiting).toBe(0);
});

test("a viewer who leaves waits no more", async () => {
  const { pulse, viewer, how } = holding();
  const answer = hold(how, () => undefined);
  expect(pulse.waiting).toBe(1);
  viewer.abort(new Error("left"));
  await expect(answer).rejects.toThrow("left");
  expect(pulse.waiting).toBe(0);
});

test("after the limit it is over, and no timer is left", async () => {
  jest.useFakeTimers();
  const { pulse, how } = holding();
  const answer = hold(how, () => undefined);
  jest.advanceTimersByTime(1_000);
  await expect(answer).rejects.toThrow("no answer within 1000 ms");
  expect([pulse.waiting, jest.getTimerCount()]).toEqual([0, 0]);
});

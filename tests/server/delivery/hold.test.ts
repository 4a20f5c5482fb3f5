import { EventEmitter } from "node:events";
import { afterEach, expect, jest, test } from "@jest/globals";
import { Pulse } from "../../../server/core/pulse.ts";
import { hold } from "../../../server/delivery/hold.ts";
import { settle } from "../../helpers/eventually.ts";

class Viewer extends EventEmitter {
  destroyed = false;
}

afterEach(() => {
  jest.useRealTimers();
});

function holding() {
  const pulse = new Pulse();
  const request = new Viewer();
  return { pulse, request, how: { pulse, request, limitMs: 1_000 } };
}

test("what is there is answered without waiting", async () => {
  const { pulse, how } = holding();
  const answer = hold(how, () => "there");
  expect(pulse.waiting).toBe(0);
  expect(await answer).toBe("there");
});

test("what comes later is answered when it comes, however often the pulse fires before", async () => {
  const { pulse, request, how } = holding();
  let found: string | undefined;
  const answer = hold(how, () => found);
  for (let round = 0; round < 3; round++) {
    pulse.fire();
    await settle();
  }
  found = "there";
  pulse.fire();
  expect(await answer).toBe("there");
  expect([pulse.waiting, request.listenerCount("close")]).toEqual([0, 0]);
});

test("who fires the pulse is not held up by those who look", async () => {
  const { pulse, how } = holding();
  let looks = 0;
  const answer = hold(how, () => (looks++ === 0 ? undefined : "there"));
  pulse.fire();
  expect(looks).toBe(1);
  await answer;
});

test("a viewer who leaves waits no more, also when it leaves just after the pulse", async () => {
  for (const fires of [false, true]) {
    const { pulse, request, how } = holding();
    const answer = hold(how, () => undefined);
    expect(pulse.waiting).toBe(1);
    if (fires) pulse.fire();
    request.emit("close");
    await expect(answer).rejects.toThrow("left");
    await settle();
    expect([pulse.waiting, request.listenerCount("close")]).toEqual([0, 0]);
  }
});

test("a viewer who has left already is not waited for", async () => {
  const { pulse, request, how } = holding();
  request.destroyed = true;
  await expect(hold(how, () => undefined)).rejects.toThrow("left");
  expect(pulse.waiting).toBe(0);
});

test("a look that fails is the answer", async () => {
  const { pulse, how } = holding();
  let isThere = false;
  const answer = hold(how, () => {
    if (isThere) throw new Error("broken");
    return undefined;
  });
  isThere = true;
  pulse.fire();
  await expect(answer).rejects.toThrow("broken");
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

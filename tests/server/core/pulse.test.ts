import { getEventListeners } from "node:events";
import { expect, test } from "@jest/globals";
import { Pulse } from "../../../server/core/pulse.ts";

test("wakes all who wait, and only those", async () => {
  const pulse = new Pulse();
  const { signal } = new AbortController();
  pulse.fire();
  const order: string[] = [];
  const early = Promise.all([1, 2].map((n) => pulse.wait(signal).then(() => order.push(`early ${n}`))));
  expect(pulse.waiting).toBe(2);
  pulse.fire();
  const late = pulse.wait(signal).then(() => order.push("late"));
  await early;
  expect(order).toEqual(["early 1", "early 2"]);
  expect(pulse.waiting).toBe(1);
  pulse.fire();
  await late;
  expect(pulse.waiting).toBe(0);
});

test("who waits again while being woken waits for the next time", async () => {
  const pulse = new Pulse();
  const { signal } = new AbortController();
  let rounds = 0;
  const loop = (async () => {
    while (rounds < 3) {
      await pulse.wait(signal);
      rounds++;
    }
  })();
  for (let round = 1; round <= 3; round++) {
    pulse.fire();
    await new Promise((resolve) => setImmediate(resolve));
    expect(rounds).toBe(round);
  }
  await loop;
});

test("an aborted wait rejects with the reason and leaves nobody waiting", async () => {
  const pulse = new Pulse();
  const controller = new AbortController();
  const wait = pulse.wait(controller.signal);
  controller.abort(new Error("left"));
  await expect(wait).rejects.toThrow("left");
  await expect(pulse.wait(controller.signal)).rejects.toThrow("left");
  expect(pulse.waiting).toBe(0);
});

test("a wait that is over leaves no listener at its signal", async () => {
  const pulse = new Pulse();
  const { signal } = new AbortController();
  for (let round = 0; round < 20; round++) {
    const wait = pulse.wait(signal);
    pulse.fire();
    await wait;
  }
  expect(getEventListeners(signal, "abort")).toHaveLength(0);
});

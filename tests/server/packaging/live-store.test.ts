import { afterEach, beforeEach, expect, jest, test } from "@jest/globals";
import { LiveStore } from "../../../server/packaging/live-store.ts";
import { present } from "../../helpers/presentation.ts";

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

const entry = (broadcast: string, channel = "channel") => ({
  broadcast,
  channel,
  presentation: present({ windowSeconds: 60 }),
});

test("an ended broadcast stays for the length of its window, then it is gone", () => {
  using store = new LiveStore();
  const first = entry("first");
  store.add(first);
  store.expire(first);
  jest.advanceTimersByTime(59_999);
  expect([store.onChannel("channel"), store.broadcast("first"), store.size]).toEqual([first, first, 1]);
  jest.advanceTimersByTime(1);
  expect([store.onChannel("channel"), store.broadcast("first"), store.size]).toEqual([undefined, undefined, 0]);
});

test("a new broadcast takes the channel over at once, while the old one's media stay", () => {
  using store = new LiveStore();
  const first = entry("first");
  const second = entry("second");
  store.add(first);
  store.expire(first);
  store.add(second);
  expect([store.onChannel("channel"), store.broadcast("first")]).toEqual([second, first]);
  jest.advanceTimersByTime(60_000);
  expect([store.onChannel("channel"), store.broadcast("first"), store.size]).toEqual([second, undefined, 1]);
});

test("channels do not know each other", () => {
  using store = new LiveStore();
  store.add(entry("a", "one"));
  expect(store.onChannel("two")).toBeUndefined();
});

test("no timer outlives it", () => {
  {
    using store = new LiveStore();
    const first = entry("first");
    store.add(first);
    store.expire(first);
    expect(jest.getTimerCount()).toBe(1);
  }
  expect(jest.getTimerCount()).toBe(0);
});

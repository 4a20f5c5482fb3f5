import { afterEach, beforeEach, expect, jest, test } from "@jest/globals";
import { SoundQueue } from "../../../server/packaging/sound-queue.ts";
import { chunkAt } from "../../helpers/segments.ts";

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

test("gives chunks back in the order they came", () => {
  const queue = new SoundQueue();
  for (const time of [1, 2, 3]) queue.push(chunkAt(time));
  const times: (number | undefined)[] = [];
  for (; queue.first !== undefined; queue.shift()) times.push(queue.first.time);
  expect(times).toEqual([1, 2, 3]);
  queue.shift();
  expect(queue.first).toBeUndefined();
});

test("is overdue when its oldest chunk has waited for two seconds", () => {
  const queue = new SoundQueue();
  queue.push(chunkAt(1));
  jest.advanceTimersByTime(1_500);
  queue.push(chunkAt(2));
  expect(queue.isOverdue).toBe(false);
  jest.advanceTimersByTime(501);
  expect(queue.isOverdue).toBe(true);
  queue.shift();
  expect(queue.isOverdue).toBe(false);
});

test("is overdue when it holds too much, however short it has waited", () => {
  const queue = new SoundQueue();
  const bytes = Buffer.alloc(64 * 1024);
  for (let time = 0; time < 8; time++) queue.push(chunkAt(time, { bytes }));
  expect(queue.isOverdue).toBe(false);
  queue.push(chunkAt(8));
  expect(queue.isOverdue).toBe(true);
  queue.shift();
  expect(queue.isOverdue).toBe(false);
});

test("is never overdue when it is empty", () => {
  expect(new SoundQueue().isOverdue).toBe(false);
});

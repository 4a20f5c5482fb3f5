import { expect, test } from "@jest/globals";
import type { FrameParcel } from "../../../server/analysis/frame.ts";
import { FrameQueue } from "../../../server/analysis/frame-queue.ts";

const never = new AbortController().signal;
const parcel = (time: number, bytes = 100, kind: FrameParcel["kind"] = "picture"): FrameParcel => ({
  kind,
  time,
  shape: [1, 1],
  bytes: new Uint8Array(bytes),
});

test("hands out the oldest first, and says when there is no more", async () => {
  const queue = new FrameQueue(1_000);
  queue.push(parcel(1));
  queue.push(parcel(2));
  queue.end();
  expect((await queue.next(never))?.time).toBe(1);
  expect((await queue.next(never))?.time).toBe(2);
  expect(await queue.next(never)).toBeUndefined();
});

test("keeps the newest within its bytes and counts the pictures that go", async () => {
  const queue = new FrameQueue(250);
  for (const time of [1, 2, 3]) queue.push(parcel(time));
  queue.push(parcel(4, 10, "sound"));
  expect(queue.dropped).toBe(1);
  expect((await queue.next(never))?.time).toBe(2);
  queue.push(parcel(5, 240));
  expect(queue.dropped).toBe(2);
  queue.end();
  expect((await queue.next(never))?.time).toBe(4);
});

test("takes one that is larger than all its room, alone", async () => {
  const queue = new FrameQueue(50);
  queue.push(parcel(1, 500));
  expect((await queue.next(never))?.time).toBe(1);
});

test("who waits for a frame, or for room, gets it when it is there, and stops with the signal", async () => {
  const queue = new FrameQueue(100);
  const next = queue.next(never);
  queue.push(parcel(1));
  expect((await next)?.time).toBe(1);
  queue.push(parcel(2));
  const room = queue.room(100, never);
  await queue.next(never);
  await room;
  const stop = new AbortController();
  const waiting = queue.next(stop.signal);
  stop.abort(new Error("enough"));
  await expect(waiting).rejects.toThrow("enough");
});

import { describe, expect, test } from "@jest/globals";
import { type Appendable, AppendQueue, MAX_WAITING_BYTES } from "../../../../web/player/socket/append-queue.ts";

const MB = 1024 * 1024;
const init = (mime: string): Appendable => ({ kind: "init", mime, bytes: Uint8Array.of(0) });
const chunk = (size: number, key = false, fill = 1): Appendable => ({
  kind: "chunk",
  key,
  bytes: new Uint8Array(size).fill(fill),
});

/** Takes everything out. */
function drain(queue: AppendQueue): Appendable[] {
  const taken: Appendable[] = [];
  for (let item = queue.take(); item !== undefined; item = queue.take()) taken.push(item);
  return taken;
}

describe("what waits for a source buffer", () => {
  test("comes out in order: init segments alone, chunks together", () => {
    const queue = new AppendQueue();
    for (const item of [init("a"), chunk(1, true, 1), chunk(2, false, 2), init("b"), chunk(1, true, 3)])
      queue.push(item);
    const taken = drain(queue);
    expect(taken.map(({ kind }) => kind)).toEqual(["init", "chunk", "init", "chunk"]);
    expect(taken[1]?.bytes).toEqual(Uint8Array.of(1, 2, 2));
    expect(queue.bytes).toBe(0);
  });

  test("is not put together without end", () => {
    const queue = new AppendQueue();
    for (let count = 0; count < 8; count += 1) queue.push(chunk(200 * 1024, count === 0));
    expect(drain(queue).map(({ bytes }) => bytes.byteLength / 1024)).toEqual([400, 400, 400, 400]);
    queue.push(chunk(3 * MB, true));
    expect(drain(queue)).toHaveLength(1);
  });

  test("is dropped at the limit, and goes on at a key frame with the newest init segment", () => {
    const queue = new AppendQueue();
    queue.push(init("a"));
    queue.push(init("b"));
    queue.push(chunk(10 * MB, true));
    queue.push(chunk(7 * MB));
    queue.push(chunk(1 * MB));
    expect(queue.bytes).toBeLessThan(MB);
    queue.push(chunk(5, true, 9));
    expect(drain(queue)).toEqual([init("b"), chunk(5, true, 9)]);
    expect(queue.droppedBytes).toBe(18 * MB + 1);
    expect(queue.bytes).toBe(0);
  });

  test("never is more than the limit", () => {
    const queue = new AppendQueue();
    for (let count = 0; count < 100; count += 1) {
      queue.push(chunk(MB, count % 10 === 0));
      expect(queue.bytes).toBeLessThanOrEqual(MAX_WAITING_BYTES);
    }
  });

  test("can be put back", () => {
    const queue = new AppendQueue();
    queue.push(init("a"));
    queue.push(chunk(2, true));
    const first = queue.take();
    if (first !== undefined) queue.putBack(first);
    expect(drain(queue).map(({ kind }) => kind)).toEqual(["init", "chunk"]);
  });
});

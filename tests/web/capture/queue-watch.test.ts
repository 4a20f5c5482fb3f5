import { describe, expect, test } from "@jest/globals";
import { judgeQueue, MAX_QUEUED_BYTES, queueWarning } from "../../../web/capture/queue-watch.ts";

describe("what waits in the socket", () => {
  test.each([
    [0, "fine"],
    [100_000, "fine"],
    [130_000, "slow"],
    [700_000, "stuck"],
    [MAX_QUEUED_BYTES + 1, "over"],
  ])("%d bytes at 1 Mbit/s are %s", (bytes, level) => {
    expect(judgeQueue(bytes, 1_000_000).level).toBe(level);
  });

  test("is no matter while it is fine, and else a warning with its length", () => {
    expect(queueWarning(judgeQueue(0, 1_000_000))).toBeUndefined();
    expect(queueWarning(judgeQueue(250_000, 1_000_000))).toMatch(/2 s of video/);
    expect(queueWarning(judgeQueue(1_250_000, 1_000_000))).toMatch(/lower bit rate/);
  });
});

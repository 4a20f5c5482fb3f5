import { getEventListeners, once } from "node:events";
import { expect, test } from "@jest/globals";
import { deadline, TimedOut } from "../../../server/core/deadline.ts";

test("aborts with TimedOut when the time is over", async () => {
  using limit = deadline(new AbortController().signal, 5);
  await once(limit.signal, "abort");
  expect(limit.signal.reason).toBeInstanceOf(TimedOut);
  expect(limit.signal.reason.message).toBe("no answer within 5 ms");
});

test("aborts with its parent, for its parent's reason", () => {
  const parent = new AbortController();
  using limit = deadline(parent.signal, 60_000);
  expect(limit.signal.aborted).toBe(false);
  parent.abort(new Error("gone"));
  expect(limit.signal.reason).toEqual(new Error("gone"));
});

test("is aborted from the start when its parent is", () => {
  using limit = deadline(AbortSignal.abort(new Error("before")), 60_000);
  expect(limit.signal.reason).toEqual(new Error("before"));
});

test("leaves nothing behind at its parent once it is disposed of", () => {
  const parent = new AbortController();
  {
    using _limit = deadline(parent.signal, 60_000);
    expect(getEventListeners(parent.signal, "abort")).toHaveLength(1);
  }
  expect(getEventListeners(parent.signal, "abort")).toHaveLength(0);
});

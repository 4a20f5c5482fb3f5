import { describe, expect, test } from "@jest/globals";
import { type ErrorCode, isLiveError, LiveError, messageOf } from "../../../server/core/errors.ts";

/** Contract §4. */
const statuses: readonly [ErrorCode, number][] = [
  ["bad_request", 400],
  ["bad_key", 401],
  ["not_found", 404],
  ["channel_busy", 409],
  ["bad_container", 415],
  ["too_many", 429],
  ["no_room", 503],
];

describe("the contract's statuses", () => {
  test.each(statuses)("%s is %d", (code, status) => {
    expect(new LiveError(code, "x").status).toBe(status);
  });
});

test("an expected failure keeps what caused it, and its details for the log", () => {
  const cause = new Error("ENOSPC");
  const error = new LiveError("no_room", "the disk is full", { cause, details: { free: 0 } });
  expect(error).toMatchObject({ name: "LiveError", message: "the disk is full", cause, details: { free: 0 } });
  expect("cause" in new LiveError("no_room", "x")).toBe(false);
});

test("tells expected failures from bugs, and from each other", () => {
  const error = new LiveError("bad_key", "x");
  expect([isLiveError(error), isLiveError(error, "bad_key"), isLiveError(error, "no_room")]).toEqual([
    true,
    true,
    false,
  ]);
  expect([new Error("x"), "x", undefined].map((other) => isLiveError(other))).toEqual([false, false, false]);
});

test("anything that was thrown has words", () => {
  expect([messageOf(new Error("words")), messageOf("text"), messageOf(undefined)]).toEqual([
    "words",
    "text",
    "undefined",
  ]);
});

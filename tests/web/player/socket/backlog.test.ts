import { expect, test } from "@jest/globals";
import { Backlog } from "../../../../web/player/socket/backlog.ts";

/** A taker that notes what it gets. */
function taker() {
  const got: string[] = [];
  const onWords = ({ type }: { type: string }) => got.push(type);
  return { got, taker: { onWords, onRecords: (_: unknown, bytes: number) => got.push(String(bytes)) } };
}

test("hands over everything since a broadcast's beginning, once", () => {
  const backlog = new Backlog();
  backlog.begin();
  backlog.addWords({ type: "waiting", reason: "starting" });
  backlog.addRecords([], 10);
  backlog.addWords({ type: "switched", video: 1 });
  const first = taker();
  expect(backlog.giveTo(first.taker)).toBe(true);
  expect(first.got).toEqual(["waiting", "10", "switched"]);
  expect(backlog.giveTo(taker().taker)).toBe(false);
});

test("hands over nothing when the beginning was lost, until there is another", () => {
  const backlog = new Backlog();
  backlog.lose();
  backlog.addRecords([], 10);
  expect(backlog.giveTo(taker().taker)).toBe(false);
  backlog.begin();
  expect(backlog.giveTo(taker().taker)).toBe(true);
});

test("keeps no more than a few megabytes", () => {
  const backlog = new Backlog();
  for (let count = 0; count < 5; count += 1) backlog.addRecords([], 1024 * 1024);
  expect(backlog.giveTo(taker().taker)).toBe(false);
});

import { readFile } from "node:fs/promises";
import { expect, test } from "@jest/globals";
import type { Broadcast } from "../../../server/broadcast/broadcast.ts";
import { type TestRegistry, testRegistry } from "../../helpers/registry.ts";
import { tinyCluster, tinyHeader, tinyWebm } from "../../helpers/tiny-webm.ts";

async function begin(on: TestRegistry): Promise<Broadcast> {
  await on.registry.publish("channel").write(tinyWebm(1));
  const broadcast = on.registry.on("channel");
  if (broadcast === undefined) throw new Error("nothing is live");
  return broadcast;
}

test("the index tells when each append arrived, and where", async () => {
  await using on = await testRegistry();
  const before = Date.now();
  const broadcast = await begin(on);
  await broadcast.accept(tinyCluster(2));
  await broadcast.end({ reason: "finished" });
  const lines = (await readFile(on.pathOf(broadcast.id, "index"), "utf8")).trimEnd().split("\n");
  const arrivals = lines.filter((line) => line.startsWith("a ")).map((line) => line.split(" ").map(Number));
  expect(arrivals.map(([, offset]) => offset)).toEqual([0, tinyWebm(1).byteLength]);
  for (const [, , ms] of arrivals) {
    expect(ms).toBeGreaterThanOrEqual(before - 1);
    expect(ms).toBeLessThanOrEqual(Date.now() + 1);
  }
  expect(lines.at(-1)).toBe(`end ${tinyWebm(2).byteLength}`);
});

test("ends once, for the first reason given", async () => {
  await using on = await testRegistry();
  const broadcast = await begin(on);
  const ends = await Promise.all([broadcast.end({ reason: "disconnected" }), broadcast.end({ reason: "stopped" })]);
  expect(ends).toEqual([{ reason: "disconnected" }, { reason: "disconnected" }]);
  expect(await broadcast.ended).toEqual({ reason: "disconnected" });
  expect(broadcast.log.ended).toBe(true);
});

test("wakes those who wait for its next change: a resync point, a long time without key, the end", async () => {
  await using on = await testRegistry();
  const broadcast = await begin(on);
  const { signal } = new AbortController();
  const next = broadcast.changed.wait(signal);
  await broadcast.accept(tinyCluster(2));
  await next;
  expect(broadcast.epochs[0]?.newestResync?.time).toBe(2);
  const last = broadcast.changed.wait(signal);
  await broadcast.end({ reason: "finished" });
  await last;
  expect(broadcast.changed.waiting).toBe(0);
});

test("says where bytes could not be understood, goes on, and archives them all the same", async () => {
  await using on = await testRegistry();
  const broadcast = await begin(on);
  const garbage = Buffer.alloc(5_000, 0x47);
  await broadcast.accept(garbage);
  await broadcast.accept(tinyCluster(2));
  const offset = tinyWebm(1).byteLength;
  expect(broadcast.notices.map(({ text }) => text)).toEqual([
    `Some bytes could not be understood (from byte ${offset} on).`,
  ]);
  expect(broadcast.epochs[0]?.newestResync?.offset).toBe(offset + garbage.byteLength);
  await broadcast.end({ reason: "finished" });
  const archive = await readFile(on.pathOf(broadcast.id, "source"));
  expect(archive.equals(Buffer.concat([tinyWebm(1), garbage, tinyCluster(2)]))).toBe(true);
});

test("keeps the newest twenty notices", async () => {
  await using on = await testRegistry();
  const broadcast = await begin(on);
  for (let number = 1; number <= 25; number++) broadcast.notify(`notice ${number}`);
  expect(broadcast.notices.map(({ text }) => text)).toEqual(
    Array.from({ length: 20 }, (_, index) => `notice ${index + 6}`),
  );
});

test("a second container that cannot be used is told, and its bytes are archived", async () => {
  await using on = await testRegistry();
  const broadcast = await begin(on);
  const second = Buffer.concat([tinyHeader().subarray(0, 40), tinyCluster(9)]);
  await broadcast.accept(second).catch(() => {});
  await broadcast.accept(tinyCluster(10)).catch(() => {});
  await broadcast.end({ reason: "finished" });
  const archive = await readFile(on.pathOf(broadcast.id, "source"));
  expect(archive.equals(Buffer.concat([tinyWebm(1), second, tinyCluster(10)]))).toBe(true);
});

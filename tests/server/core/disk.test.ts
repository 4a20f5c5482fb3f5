import { tmpdir } from "node:os";
import { expect, test } from "@jest/globals";
import { DiskFloor, diskTrouble } from "../../../server/core/disk.ts";

test.each([
  ["ENOSPC", "the disk is full (ENOSPC)"],
  ["EDQUOT", "the disk quota is used up (EDQUOT)"],
  ["EROFS", "the disk is read-only (EROFS)"],
  ["EIO", "the disk has failed (EIO)"],
  ["EACCES", "the folder may not be written (EACCES)"],
])("%s is said in words", (code, words) => {
  expect(diskTrouble(Object.assign(new Error(`${code}: some words, write`), { code }))).toBe(words);
});

test("what is no trouble of a disk keeps its own words", () => {
  expect([diskTrouble(new Error("no such thing")), diskTrouble("text")]).toEqual(["no such thing", "text"]);
});

test("below the floor nothing begins, and the reason fits into a close frame", async () => {
  const floor = new DiskFloor(tmpdir(), 900_000_000);
  const refusal = await floor.check().catch((error: unknown) => error);
  const message = expect.stringMatching(
    /^no new broadcasts: \d+ MB of the disk are free, MILLRACE_MIN_FREE_MB keeps 900000000 MB$/,
  );
  expect(refusal).toMatchObject({ code: "no_room", status: 503, message });
  expect(String(refusal).length).toBeLessThan(123);
});

test("with room, without a floor, and on a disk that cannot be asked, it may begin", async () => {
  await new DiskFloor(tmpdir(), 1).check();
  await new DiskFloor(tmpdir(), 0).check();
  await new DiskFloor("/nowhere/at/all", 1_000_000).check();
});

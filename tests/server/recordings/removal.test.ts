import { existsSync } from "node:fs";
import { mkdir, readdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { expect, test } from "@jest/globals";
import { v7 as uuidv7 } from "uuid";
import { Removal } from "../../../server/recordings/removal.ts";
import { Replays } from "../../../server/recordings/replays.ts";
import { eventually } from "../../helpers/eventually.ts";
import { putRecording, recordOf, testCatalog } from "../../helpers/recordings.ts";

/** A catalog with one finished recording, and what deletes it. */
async function withOne(rest: Parameters<typeof recordOf>[0] = { id: uuidv7() }) {
  const { catalog, folder } = await testCatalog();
  const replays = new Replays();
  const removed: string[] = [];
  const removal = new Removal({
    catalog,
    replays,
    onRemoved: ({ id }, reason) => removed.push(`${id} ${reason}`),
    report: () => {},
  });
  const place = await putRecording(catalog, recordOf(rest), Buffer.from("source"));
  return {
    ...{ catalog, replays, removal, removed, place, id: rest.id },
    [Symbol.asyncDispose]: async () => {
      removal[Symbol.dispose]();
      await folder[Symbol.asyncDispose]();
    },
  };
}

test("a recording goes with all of its files, and that is told", async () => {
  await using on = await withOne();
  expect(await on.removal.remove(on.id, "why")).toBe(true);
  expect(await on.catalog.find(on.id)).toBeUndefined();
  expect(await readdir(dirname(on.place))).toEqual([]);
  expect(on.removed).toEqual([`${on.id} why`]);
  expect(await on.removal.remove(on.id, "again")).toBe(false);
  expect(on.removed).toHaveLength(1);
});

test("one that is played is gone for everybody else, and its files go when it is played no more", async () => {
  await using on = await withOne();
  on.replays.asked(on.id, performance.now() - 27_000);
  expect(await on.removal.remove(on.id, "why")).toBe(true);
  expect(await on.catalog.find(on.id)).toBeUndefined();
  const folder = on.removal.folderOf(on.id) ?? "";
  expect(existsSync(join(folder, "source.webm"))).toBe(true);
  await eventually("its files are gone", () => !existsSync(folder));
  expect(on.removal.folderOf(on.id)).toBeUndefined();
});

test("one that is being written stays", async () => {
  await using live = await withOne();
  live.catalog.live.add(live.id);
  await expect(live.removal.remove(live.id, "why")).rejects.toMatchObject({ code: "in_use" });
  await using left = await withOne({ id: uuidv7(), endedAt: null, state: "suspended" });
  await expect(left.removal.remove(left.id, "why")).rejects.toMatchObject({ code: "in_use" });
  expect(existsSync(left.place)).toBe(true);
});

test("what a killed server had deleted or half made goes at the next start", async () => {
  await using on = await withOne();
  for (const ending of [".gone", ".part"]) {
    await mkdir(`${on.place}${ending}`);
    await writeFile(`${on.place}${ending}/file`, "left");
  }
  expect(await on.catalog.list()).toHaveLength(1);
  await on.removal.removeLeftovers();
  expect(await readdir(dirname(on.place))).toEqual([on.id]);
});

import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { v7 as uuidv7 } from "uuid";
import { FolderStore } from "../../../../server/recordings/storage/folder-store.ts";
import { Outpost, type OutpostOptions } from "../../../../server/recordings/storage/outpost.ts";
import { type Store, StoreError } from "../../../../server/recordings/storage/store.ts";
import { readStoredList } from "../../../../server/recordings/storage/stored-list.ts";
import { collect } from "../../../helpers/bytes.ts";
import { eventually } from "../../../helpers/eventually.ts";
import { putRecording, recordOf, testCatalog } from "../../../helpers/recordings.ts";
import { tempFolder } from "../../../helpers/temp-folder.ts";

/** A finished recording with a segment, and an outpost that keeps it in another folder. */
async function withOne(rest: Partial<OutpostOptions> = {}, around: (store: Store) => Store = (store) => store) {
  const { catalog, folder } = await testCatalog();
  const there = await tempFolder();
  const id = uuidv7();
  const place = await putRecording(catalog, recordOf({ id }), Buffer.from("source"));
  await mkdir(join(place, "video0/0"), { recursive: true });
  await writeFile(join(place, "video0/0/7.m4s"), "segment");
  const reports: string[] = [];
  const outpost = new Outpost({
    catalog,
    store: around(new FolderStore(there.path)),
    isMaking: () => false,
    keepsHere: true,
    report: (event, details) => reports.push(`${event}: ${String(details.reason)}`),
    waits: [1, 1],
    ...rest,
  });
  return {
    ...{ catalog, outpost, place, reports, there: join(there.path, "channel", id) },
    [Symbol.asyncDispose]: async () => {
      await outpost[Symbol.asyncDispose]();
      await folder[Symbol.asyncDispose]();
      await there[Symbol.asyncDispose]();
    },
  };
}

const isStored = (place: string) => eventually("it is stored", async () => (await readStoredList(place)) !== undefined);

test("a finished recording is brought there whole, and forgotten there", async () => {
  await using on = await withOne();
  on.outpost.soon();
  await isStored(on.place);
  for (const name of ["source.webm", "video0/0/7.m4s", "broadcast.json"]) {
    expect((await readFile(join(on.there, name))).equals(await readFile(join(on.place, name)))).toBe(true);
  }
  await writeFile(join(on.place, "broadcast.json"), "another name");
  await on.outpost.update(on.place);
  expect(await readFile(join(on.there, "broadcast.json"), "utf8")).toBe("another name");
  // What is here is given out from here.
  expect(await on.outpost.open(on.place, "video0/0/7.m4s", undefined)).toBeUndefined();
  await on.outpost.forget(on.place);
  expect((await readdir(on.there, { recursive: true, withFileTypes: true })).filter((each) => each.isFile())).toEqual(
    [],
  );
});

test("what does not stay here is given out from there", async () => {
  await using on = await withOne({ keepsHere: false });
  on.outpost.soon();
  await isStored(on.place);
  await eventually("its files are gone", () => !existsSync(join(on.place, "source.webm")));
  const kept = await on.outpost.open(on.place, "source.webm", "bytes=0-2");
  expect(kept).toMatchObject({ status: 206, bytes: 3, range: "bytes 0-2/6" });
  expect(kept && String(await collect(kept.body))).toBe("sou");
  expect(await on.outpost.open(on.place, "video0/0/8.m4s", undefined)).toBeUndefined();
  expect(await on.catalog.list()).toHaveLength(1);
});

test("a store that fails for a moment is asked again; one that refuses is not, and nothing counts as stored", async () => {
  let fails = 2;
  const passing = (store: Store): Store => ({
    name: store.name,
    get: (...asked) => store.get(...asked),
    delete: (...asked) => store.delete(...asked),
    put: (...asked) => (fails-- > 0 ? Promise.reject(new Error("connection lost")) : store.put(...asked)),
  });
  await using on = await withOne({}, passing);
  on.outpost.soon();
  await isStored(on.place);
  expect(on.reports).toEqual([]);

  const refusing = (store: Store): Store => ({
    ...passing(store),
    put: () => Promise.reject(new StoreError("the store answered 403: no", false)),
  });
  await using off = await withOne({ keepsHere: false }, refusing);
  off.outpost.soon();
  const words = "a recording could not be brought to the store: the store answered 403: no";
  await eventually("it is told", () => off.reports.length > 0);
  expect(off.reports).toEqual([words]);
  expect([existsSync(join(off.place, "stored.json")), existsSync(join(off.place, "source.webm"))]).toEqual([
    false,
    true,
  ]);
});

test("what is written or still being made waits", async () => {
  let isMaking = true;
  await using on = await withOne({ isMaking: () => isMaking });
  on.outpost.soon();
  await on.outpost[Symbol.asyncDispose]();
  expect(existsSync(on.there)).toBe(false);
  isMaking = false;
  on.outpost.soon();
  expect(existsSync(on.there)).toBe(false);
});

import { cp, mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { v7 as uuidv7 } from "uuid";
import { Catalog } from "../../../server/recordings/catalog.ts";
import { oneForEach } from "../../helpers/lifetime.ts";
import { putRecording, recordOf, testCatalog } from "../../helpers/recordings.ts";

const on = oneForEach(testCatalog);

const ids = Array.from({ length: 4 }, () => uuidv7()).toSorted();
const [first = "", second = "", third = "", fourth = ""] = ids;
const source = Buffer.from("source");

test("lists all recordings of all channels, newest first", async () => {
  const { catalog } = on();
  for (const [id, channel] of [
    [second, "b"],
    [fourth, "a"],
    [first, "a"],
    [third, "c"],
  ] as const) {
    await putRecording(catalog, recordOf({ id, channel }), source);
  }
  expect((await catalog.list()).map(({ record }) => record.id)).toEqual([fourth, third, second, first]);
  expect((await catalog.find(third))?.record).toMatchObject({ id: third, channel: "c" });
});

test("what is copied in is there, what is deleted is gone", async () => {
  const { catalog, folder } = on();
  const from = await putRecording(catalog, recordOf({ id: first }), source);
  const other = new Catalog(join(folder.path, "other"));
  await cp(from, other.folderOf({ id: first, channel: "channel" }), { recursive: true });
  expect((await other.list()).map(({ record }) => record.id)).toEqual([first]);
  await rm(from, { recursive: true });
  expect(await catalog.list()).toEqual([]);
  expect(await catalog.find(first)).toBeUndefined();
});

test("folders without a readable record are left out, and do no harm", async () => {
  const { catalog, folder } = on();
  await putRecording(catalog, recordOf({ id: first }), source);
  const root = join(folder.path, "recordings");
  await mkdir(join(root, "channel", second), { recursive: true });
  await mkdir(join(root, "lost+found"), { recursive: true });
  await writeFile(join(root, "notes.txt"), "a file among the channels");
  for (const [id, text] of [
    [third, "{ half"],
    [fourth, JSON.stringify({ id: fourth })],
  ] as const) {
    await mkdir(join(root, "channel", id), { recursive: true });
    await writeFile(join(root, "channel", id, "broadcast.json"), text);
  }
  expect((await catalog.list()).map(({ record }) => record.id)).toEqual([first]);
  expect(await catalog.find(fourth)).toBeUndefined();
});

test("while it is recorded, a recording is as large as its file", async () => {
  const { catalog } = on();
  const record = recordOf({ id: first, state: "recording", bytes: 0, endedAt: null, durationMs: null });
  await putRecording(catalog, record, Buffer.alloc(12_345));
  expect((await catalog.find(first))?.record.bytes).toBe(12_345);
});

test("a record without an end counts as interrupted unless its broadcast is live", async () => {
  const { catalog } = on();
  const record = recordOf({ id: first, state: "recording", bytes: 0, endedAt: null, durationMs: null });
  await putRecording(catalog, record, source);
  expect((await catalog.find(first))?.record.state).toBe("interrupted");
  catalog.live.add(first);
  expect((await catalog.find(first))?.record.state).toBe("recording");
});

test("a folder that is not there yet is an empty catalog", async () => {
  expect(await new Catalog("/nowhere/at/all").list()).toEqual([]);
  expect(await new Catalog("/nowhere/at/all").find(first)).toBeUndefined();
});

import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { v7 as uuidv7 } from "uuid";
import { Recorder } from "../../../server/recordings/recorder.ts";
import { recorded, unrecorded } from "../../../server/wiring/log-places.ts";
import { testCatalog } from "../../helpers/recordings.ts";
import { tempFolder } from "../../helpers/temp-folder.ts";

const broadcast = { channel: "channel", kind: "matroska", tokenHash: "cd".repeat(32) } as const;

async function place() {
  const { catalog, folder } = await testCatalog();
  const recorder = new Recorder({ catalog, remux: async () => {}, report: () => {} });
  return { catalog, folder, make: recorded(catalog, recorder) };
}

test("what is recorded begins with its record, an empty archive and the place of its index", async () => {
  const { catalog, folder, make } = await place();
  await using _ = folder;
  const id = uuidv7();
  const { store, indexPath } = await make({ id, ...broadcast });
  await using __ = store;
  const own = catalog.folderOf({ id, channel: "channel" });
  expect((await readdir(own)).toSorted()).toEqual(["broadcast.json", "source.mkv"]);
  expect(indexPath).toBe(join(own, "index"));
  expect(JSON.parse(await readFile(join(own, "broadcast.json"), "utf8"))).toMatchObject({
    id,
    state: "recording",
    resume: { tokenHash: broadcast.tokenHash, remainingMs: null },
  });
});

test("what cannot be stored leaves no folder", async () => {
  const { catalog, folder, make } = await place();
  await using _ = folder;
  const id = uuidv7();
  const own = catalog.folderOf({ id, channel: "channel" });
  await mkdir(own, { recursive: true });
  await writeFile(join(own, "source.mkv"), "somebody else's");
  await expect(make({ id, ...broadcast })).rejects.toThrow("EEXIST");
  expect(existsSync(own)).toBe(false);
});

test("what is not recorded has a log and no index", async () => {
  await using folder = await tempFolder();
  const { store, indexPath } = await unrecorded(folder.path)({ id: "id", ...broadcast });
  await store.append([Buffer.from("bytes")]);
  expect([indexPath, await readdir(join(folder.path, "id"))]).toEqual([undefined, ["piece-0"]]);
  await store[Symbol.asyncDispose]();
  expect(await readdir(folder.path)).toEqual([]);
});

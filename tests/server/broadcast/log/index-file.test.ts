import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { IndexFile } from "../../../../server/broadcast/log/index-file.ts";
import { tempFolder } from "../../../helpers/temp-folder.ts";

test("has a line for everything it was told, in order", async () => {
  await using folder = await tempFolder();
  const path = join(folder.path, "index");
  const index = await IndexFile.create(path);
  index.arrived(0, 1_700_000_000_000.25);
  index.epoch(0, 120, "webm");
  index.resync(120, 1.5, undefined);
  index.resync(400, 2.0334999, Buffer.from([0x1f, 0x43, 0xb6, 0x75]));
  index.ended(500);
  await index[Symbol.asyncDispose]();
  expect(await readFile(path, "utf8")).toBe(
    "a 0 1700000000000.3\ne 0 120 webm\nr 120 1.500000\nr 400 2.033500 1f43b675\nend 500\n",
  );
  await index.flush();
});

test("loses no line however many come at once", async () => {
  await using folder = await tempFolder();
  const path = join(folder.path, "index");
  const index = await IndexFile.create(path);
  for (let number = 0; number < 10_000; number++) index.arrived(number, number);
  await index[Symbol.asyncDispose]();
  const lines = (await readFile(path, "utf8")).trimEnd().split("\n");
  expect(lines).toEqual(Array.from({ length: 10_000 }, (_, number) => `a ${number} ${number}.0`));
});

test("an index that is there already is not written to", async () => {
  await using folder = await tempFolder();
  const path = join(folder.path, "index");
  await using _first = await IndexFile.create(path);
  await expect(IndexFile.create(path)).rejects.toThrow("EEXIST");
});

import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { AppendFile } from "../../../server/core/append-file.ts";
import { noise } from "../../helpers/bytes.ts";
import { smallDisk } from "../../helpers/small-disk.ts";
import { tempFolder } from "../../helpers/temp-folder.ts";

const FULL = expect.objectContaining({ code: "ENOSPC" });

test("an append that the disk takes only in part leaves nothing, and can be made again when there is room", async () => {
  await using disk = await smallDisk(8);
  const path = join(disk.path, "file");
  await using file = await AppendFile.create(path);
  const [first, second] = [noise(10_000), noise(1_000_000)];
  await file.append([first]);
  await disk.fill(50_000);
  for (let time = 0; time < 3; time++) await expect(file.append([second, second])).rejects.toEqual(FULL);
  expect(file.size).toBe(first.byteLength);
  expect((await readFile(path)).equals(first)).toBe(true);
  await disk.empty();
  await file.append([second, first]);
  expect((await readFile(path)).equals(Buffer.concat([first, second, first]))).toBe(true);
  expect(file.size).toBe(first.byteLength * 2 + second.byteLength);
  expect(Buffer.from(await file.read(9_999, 2)).equals(Buffer.from([first.at(-1) ?? 0, second[0] ?? 0]))).toBe(true);
});

test("goes on at the end of a file that is there, and makes none that is not", async () => {
  await using folder = await tempFolder();
  const path = join(folder.path, "file");
  await expect(AppendFile.reopen(path)).rejects.toThrow("ENOENT");
  await writeFile(path, "begun, ");
  await expect(AppendFile.create(path)).rejects.toThrow("EEXIST");
  const file = await AppendFile.reopen(path);
  expect(file.size).toBe(7);
  await file.append([Buffer.from("gone on with")]);
  await file[Symbol.asyncDispose]();
  expect(await readFile(path, "utf8")).toBe("begun, gone on with");
  await rm(path);
});

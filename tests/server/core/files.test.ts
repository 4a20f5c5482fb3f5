import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { removeTemporaries, writeWhole } from "../../../server/core/files.ts";
import { smallDisk } from "../../helpers/small-disk.ts";
import { tempFolder } from "../../helpers/temp-folder.ts";

test("makes the folders and leaves nothing but the file", async () => {
  await using folder = await tempFolder();
  await writeWhole(join(folder.path, "a/b/file.txt"), "words");
  expect(await readdir(join(folder.path, "a/b"))).toEqual(["file.txt"]);
  expect(await readFile(join(folder.path, "a/b/file.txt"), "utf8")).toBe("words");
});

test("a reader sees the old content or the new, never half of either", async () => {
  await using folder = await tempFolder();
  const path = join(folder.path, "file");
  const contents = [Buffer.alloc(1 << 20, "a"), Buffer.alloc(1 << 20, "b")] as const;
  await writeWhole(path, contents[0]);
  let writing = true;
  const written = (async () => {
    for (let round = 1; round <= 10; round++) await writeWhole(path, contents[round % 2] ?? contents[0]);
    writing = false;
  })();
  let reads = 0;
  while (writing) {
    const read = await readFile(path);
    expect(contents.some((content) => content.equals(read))).toBe(true);
    reads++;
  }
  await written;
  expect(reads).toBeGreaterThan(0);
});

test("a write that fails leaves what was there", async () => {
  await using folder = await tempFolder();
  const path = join(folder.path, "file");
  await writeWhole(path, "before");
  await mkdir(`${path}.part`);
  await expect(writeWhole(path, "after")).rejects.toThrow("EISDIR");
  expect(await readFile(path, "utf8")).toBe("before");
});

test("a disk that is full leaves nothing half written", async () => {
  await using disk = await smallDisk(8);
  const path = join(disk.path, "file");
  await writeWhole(path, "before");
  await disk.fill(50_000);
  await expect(writeWhole(path, new Uint8Array(1_000_000))).rejects.toMatchObject({ code: "ENOSPC" });
  expect(await readFile(path, "utf8")).toBe("before");
  expect((await readdir(disk.path)).filter((name) => name.endsWith(".part"))).toEqual([]);
});

test("one that is to survive a power cut is written like any other", async () => {
  await using folder = await tempFolder();
  const path = join(folder.path, "a/file");
  await writeWhole(path, "words", { durable: true });
  expect(await readFile(path, "utf8")).toBe("words");
  expect(await readdir(join(folder.path, "a"))).toEqual(["file"]);
});

test("what was left half written is removed, however deep, and nothing else", async () => {
  await using folder = await tempFolder();
  for (const name of ["whole", "half.part", "a/b/half.part", "a/b/part", "a/part.whole"]) {
    await mkdir(join(folder.path, name, ".."), { recursive: true });
    await writeFile(join(folder.path, name), "words");
  }
  await removeTemporaries(folder.path);
  const left = await readdir(folder.path, { recursive: true });
  expect(left.toSorted()).toEqual(["a", "a/b", "a/b/part", "a/part.whole", "whole"]);
});

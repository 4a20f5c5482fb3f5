import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { FileStore, PieceStore } from "../../../../server/broadcast/log/log-store.ts";
import { tempFolder } from "../../../helpers/temp-folder.ts";

const bytes = (text: string) => Buffer.from(text);

describe("a file", () => {
  test("has what was appended, and can be read at any offset meanwhile", async () => {
    await using folder = await tempFolder();
    const path = join(folder.path, "deep/down/source.webm");
    await using store = await FileStore.create(path);
    await store.append([bytes("one"), bytes("two")]);
    await store.append([bytes("three")]);
    expect(await readFile(path, "utf8")).toBe("onetwothree");
    expect(Buffer.from(await store.read(2, 5)).toString()).toBe("etwot");
    expect(Buffer.from(await store.read(8, 100)).toString()).toBe("ree");
    expect((await store.read(11, 5)).byteLength).toBe(0);
    expect(store.start).toBe(0);
  });

  test("that exists is never written to again", async () => {
    await using folder = await tempFolder();
    const path = join(folder.path, "source.webm");
    {
      await using store = await FileStore.create(path);
      await store.append([bytes("first")]);
    }
    await expect(FileStore.create(path)).rejects.toThrow("EEXIST");
    expect(await readFile(path, "utf8")).toBe("first");
  });

  test("takes a batch of thousands of chunks", async () => {
    await using folder = await tempFolder();
    const path = join(folder.path, "source.webm");
    await using store = await FileStore.create(path);
    const chunks = Array.from({ length: 5_000 }, (_, index) => bytes(`${index},`));
    await store.append(chunks);
    expect(await readFile(path, "utf8")).toBe(Buffer.concat(chunks).toString());
  });
});

describe("pieces", () => {
  const options = { pieceBytes: 4, keepPieces: 2 };

  test("are filled one after the other, and only the newest stay", async () => {
    await using folder = await tempFolder();
    const root = join(folder.path, "log");
    await using store = new PieceStore(root, options);
    for (const text of ["ab", "cd", "ef", "ghi", "jk"]) await store.append([bytes(text)]);
    expect((await readdir(root)).toSorted()).toEqual(["piece-4", "piece-9"]);
    expect(store.start).toBe(4);
    expect(Buffer.from(await store.read(4, 100)).toString()).toBe("efghi");
    expect(Buffer.from(await store.read(10, 100)).toString()).toBe("k");
    expect((await store.read(3, 1)).byteLength).toBe(0);
    expect((await store.read(11, 1)).byteLength).toBe(0);
  });

  test("all go with the log, and so does their folder", async () => {
    await using folder = await tempFolder();
    const root = join(folder.path, "log");
    const store = new PieceStore(root, options);
    await store.append([bytes("abcdef")]);
    await store.append([bytes("g")]);
    await store[Symbol.asyncDispose]();
    expect(existsSync(root)).toBe(false);
  });

  test("that never came make no folder", async () => {
    await using folder = await tempFolder();
    const root = join(folder.path, "log");
    await new PieceStore(root, options)[Symbol.asyncDispose]();
    expect(existsSync(root)).toBe(false);
  });
});

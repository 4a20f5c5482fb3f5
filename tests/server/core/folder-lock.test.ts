import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { FolderLock } from "../../../server/core/folder-lock.ts";
import { eventually } from "../../helpers/eventually.ts";
import { tempFolder } from "../../helpers/temp-folder.ts";

test("a folder belongs to one at a time, and is free again afterwards", async () => {
  await using folder = await tempFolder();
  const first = await FolderLock.take(folder.path);
  await expect(FolderLock.take(folder.path, 0)).rejects.toMatchObject({
    message: expect.stringMatching(/^another Millrace uses /),
  });
  const patient = FolderLock.take(folder.path);
  await first[Symbol.asyncDispose]();
  await (await patient)[Symbol.asyncDispose]();
});

test("what a killed process left stands in nobody's way", async () => {
  await using folder = await tempFolder();
  const path = join(folder.path, "lock");
  const script = `require("node:net").createServer().listen(${JSON.stringify(path)})`;
  const child = spawn(process.execPath, ["-e", script], { stdio: "ignore" });
  await eventually("it has the folder", () => existsSync(path));
  await expect(FolderLock.take(folder.path, 0)).rejects.toThrow("another Millrace");
  child.kill("SIGKILL");
  await once(child, "exit");
  expect(existsSync(path)).toBe(true);
  await using _ = await FolderLock.take(folder.path, 0);
});

test("a folder with a long name can be had, too", async () => {
  await using folder = await tempFolder();
  const long = join(folder.path, "x".repeat(150));
  await mkdir(long);
  await using _ = await FolderLock.take(long);
  await expect(FolderLock.take(long, 0)).rejects.toThrow("another Millrace");
});

test("a folder that can hold no socket can be had, too", async () => {
  await using _ = await FolderLock.take("/proc");
  await expect(FolderLock.take("/proc", 0)).rejects.toThrow("another Millrace");
});

import { readdirSync } from "node:fs";
import { expect, test } from "@jest/globals";
import { isOutOfFiles, openFileLimit, spareFiles } from "../../../server/core/open-files.ts";

test("the limit of open files is known", async () => {
  expect(await openFileLimit()).toBeGreaterThan(20);
});

test("whether a few files can be opened is found out without keeping any", async () => {
  const before = readdirSync("/dev/fd").length;
  await spareFiles(10);
  expect(readdirSync("/dev/fd")).toHaveLength(before);
});

test("being out of files is seen behind other words", () => {
  expect(isOutOfFiles(new Error("words", { cause: Object.assign(new Error(), { code: "EMFILE" }) }))).toBe(true);
  expect(isOutOfFiles(new Error("words"))).toBe(false);
  expect(isOutOfFiles(undefined)).toBe(false);
});

import { expect, test } from "@jest/globals";
import { isOutOfFiles, openFileLimit, spareFiles } from "../../../server/core/open-files.ts";

test("the limit of open files is known", async () => {
  expect(await openFileLimit()).toBeGreaterThan(20);
});

test("a few files can be opened, and more than the limit cannot", async () => {
  await spareFiles(10);
  const limit = (await openFileLimit()) ?? 0;
  if (limit > 100_000) return;
  await expect(spareFiles(limit)).rejects.toMatchObject({ code: "EMFILE" });
  await spareFiles(10);
});

test("being out of files is seen behind other words", () => {
  expect(isOutOfFiles(new Error("words", { cause: Object.assign(new Error(), { code: "EMFILE" }) }))).toBe(true);
  expect(isOutOfFiles(new Error("words"))).toBe(false);
  expect(isOutOfFiles(undefined)).toBe(false);
});

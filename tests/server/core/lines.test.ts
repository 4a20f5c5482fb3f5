import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { linesOf } from "../../../server/core/lines.ts";
import { tempFolder } from "../../helpers/temp-folder.ts";

async function all(path: string): Promise<string[]> {
  const lines: string[] = [];
  for await (const line of linesOf(path)) lines.push(line);
  return lines;
}

async function read(text: string): Promise<string[]> {
  await using folder = await tempFolder();
  const path = join(folder.path, "text");
  await writeFile(path, text);
  return await all(path);
}

test.each([
  { text: "", lines: [] },
  { text: "one", lines: ["one"] },
  { text: "one\n\ntwo\n", lines: ["one", "", "two"] },
])("$text has the lines $lines", async ({ text, lines }) => {
  expect(await read(text)).toEqual(lines);
});

test("lines that lie across what is read at once are whole", async () => {
  const lines = Array.from({ length: 20_000 }, (_, index) => `${index} ${"ä".repeat(index % 40)}`);
  expect(await read(`${lines.join("\n")}\n`)).toEqual(lines);
});

test("what never ends is no line", async () => {
  await expect(read("a".repeat(3_000_000))).rejects.toThrow("a line that does not end");
});

test("a file that is not there is said to be missing", async () => {
  await expect(all("/nowhere/text")).rejects.toMatchObject({ code: "ENOENT" });
});

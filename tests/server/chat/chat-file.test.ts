import { appendFile, readdir, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test } from "@jest/globals";
import fc from "fast-check";
import { v7 as uuidv7 } from "uuid";
import { ChatFile, readChat } from "../../../server/chat/chat-file.ts";
import { type ChatLine, chatLine } from "../../../server/protocol/chat.ts";
import { type TempFolder, tempFolder } from "../../helpers/temp-folder.ts";

let folder: TempFolder;
beforeAll(async () => {
  folder = await tempFolder();
});
beforeEach(() => rm(path(), { force: true }));
afterAll(async () => {
  await folder[Symbol.asyncDispose]();
});

const path = () => join(folder.path, "chat.jsonl");
const problems: string[] = [];
const open = () => new ChatFile(folder.path, (problem) => problems.push(problem));
const line = (text: string): ChatLine => ({ id: uuidv7(), at: 1_700_000_000_000, name: "Ada", operator: false, text });

async function texts(): Promise<string[]> {
  const found: string[] = [];
  for await (const { text } of readChat(folder.path)) found.push(text);
  return found;
}

test("what was said is there after the end, without what was taken back, then or later", async () => {
  const file = open();
  const [one, two, three] = [line("one"), line("two"), line("three")];
  for (const each of [one, two, three]) file.add(each);
  file.delete(two.id);
  await file.close();
  expect(await texts()).toEqual(["one", "three"]);
  expect(await readFile(path(), "utf8")).not.toContain("two");
  file.delete(one.id);
  await file.close();
  expect(await texts()).toEqual(["three"]);
  expect(await readdir(folder.path)).toEqual(["chat.jsonl"]);
  expect(problems).toEqual([]);
});

test("no file is an empty chat", async () => {
  expect(await texts()).toEqual([]);
});

test("a line that a crash tore off is left out, and does not swallow the next one", async () => {
  {
    await using file = open();
    file.add(line("whole"));
    file.add(line("torn"));
  }
  await truncate(path(), (await readFile(path())).byteLength - 10);
  expect(await texts()).toEqual(["whole"]);
  await using file = open();
  file.add(line("after"));
  await file.close();
  expect(await texts()).toEqual(["whole", "after"]);
});

test("what cannot be written is said once, and stops nobody", async () => {
  const lost = new ChatFile(join(folder.path, "nowhere"), (problem) => problems.push(problem));
  for (let n = 0; n < 3; n++) lost.add(line("lost"));
  await lost.close();
  lost.add(line("lost"));
  await lost.close();
  expect(problems.splice(0)).toEqual([expect.stringContaining("ENOENT")]);
});

test("whatever else is in the file, only lines come out of it", async () => {
  const good = `${JSON.stringify(line("good"))}\n`;
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), fc.nat(), async (noise, at) => {
      const whole = Buffer.from(good.repeat(3));
      const place = at % whole.byteLength;
      await writeFile(path(), Buffer.concat([whole.subarray(0, place), noise, whole.subarray(place)]));
      await appendFile(path(), `\n${JSON.stringify({ deleted: ["x"] })}\n[]\nnull\n{"deleted":7}\n`);
      for await (const each of readChat(folder.path)) chatLine.strict().parse(each);
    }),
    { numRuns: 100 },
  );
});

import { expect, test } from "@jest/globals";
import { BatchWriter } from "../../../server/core/batch-writer.ts";
import { eventually } from "../../helpers/eventually.ts";

/** A writer of letters and what it has written, one text for each batch. */
function writer(everyMs: number, write: (batch: string) => Promise<void> = async () => {}) {
  const batches: string[] = [];
  const letters = new BatchWriter<string>({
    everyMs,
    write: async (items) => {
      await write(items.join(""));
      batches.push(items.join(""));
    },
  });
  return { letters, batches };
}

test("the first item is written at once, and what follows soon waits for more of it", async () => {
  const { letters, batches } = writer(60_000);
  letters.add("a");
  await eventually("it is written", () => batches.length === 1);
  for (const letter of "bcd") letters.add(letter);
  expect(letters.waiting).toBe(3);
  await letters.flush();
  expect(batches).toEqual(["a", "bcd"]);
  expect(letters.waiting).toBe(0);
});

test("what nothing follows is written all the same", async () => {
  const { letters, batches } = writer(20);
  letters.add("a");
  letters.add("b");
  await eventually("all is written", () => batches.join("") === "ab");
});

test("while one batch is written the next one gathers, and they never overlap", async () => {
  let release = () => {};
  let writing = 0;
  const { letters, batches } = writer(0, async () => {
    writing += 1;
    expect(writing).toBe(1);
    await new Promise<void>((resolve) => {
      release = resolve;
    });
    writing -= 1;
  });
  letters.add("a");
  for (const letter of "bcd") letters.add(letter);
  release();
  await eventually("the next one has begun", () => batches.length === 1 && writing === 1);
  release();
  await letters.flush();
  expect(batches).toEqual(["a", "bcd"]);
});

test("what could not be written comes again, in order, with the next item", async () => {
  let full = true;
  const { letters, batches } = writer(0, async () => {
    if (full) throw new Error("the disk is full");
  });
  letters.add("a");
  await letters.flush();
  expect(letters.failure?.error).toBeInstanceOf(Error);
  letters.add("b");
  await letters.flush();
  expect(batches).toEqual([]);
  full = false;
  letters.add("c");
  await eventually("all is written", () => batches.join("") === "abc");
  expect(letters.failure).toBeUndefined();
});

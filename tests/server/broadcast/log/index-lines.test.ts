import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { IndexFile } from "../../../../server/broadcast/log/index-file.ts";
import { EMPTY_INDEX, readIndex } from "../../../../server/broadcast/log/index-lines.ts";
import { tempFolder } from "../../../helpers/temp-folder.ts";

/** What is read of an index with this text beside a log of `length` bytes. */
async function read(text: string, length: number) {
  await using folder = await tempFolder();
  const path = join(folder.path, "index");
  await writeFile(path, text);
  return await readIndex(path, length);
}

const whole = "a 0 1000.0\ne 0 100 webm\nr 100 1.500000\na 300 1100.5\nr 350 2.500000 1f43b675\nend 500\n";

test("everything that was written is read again", async () => {
  await using folder = await tempFolder();
  const path = join(folder.path, "index");
  const index = await IndexFile.create(path);
  index.arrived(0, 1_000);
  index.epoch(0, 100, "webm");
  index.resync(100, 1.5, undefined);
  index.arrived(300, 1_100.5);
  index.resync(350, 2.5, Buffer.from([0x1f, 0x43]));
  await index.restarted(500);
  index.ended(500);
  await index[Symbol.asyncDispose]();
  expect(await readIndex(path, 500)).toEqual({
    epochs: [{ offset: 0, end: 100, arrivedMs: 1_000 }],
    resyncs: [
      { offset: 100, time: 1.5, arrivedMs: 1_000 },
      { offset: 350, time: 2.5, arrivedMs: 1_100.5, preamble: Uint8Array.of(0x1f, 0x43) },
    ],
    restarts: [500],
    arrivedMs: 1_100.5,
    ended: true,
  });
});

describe("an index", () => {
  test("that is not there tells nothing", async () => {
    expect(await readIndex("/nowhere/index", 10)).toEqual(EMPTY_INDEX);
  });

  test("that is ahead of its log tells only of bytes that are there, and of no end", async () => {
    const { epochs, resyncs, ended } = await read(whole, 340);
    expect([epochs.length, resyncs.map(({ offset }) => offset), ended]).toEqual([1, [100], false]);
    expect((await read(whole, 99)).epochs).toEqual([]);
  });

  test("that is behind its log tells what it knows, and of no end", async () => {
    const { resyncs, ended } = await read(whole, 501);
    expect([resyncs.length, ended]).toEqual([2, false]);
  });

  test("that was cut anywhere never tells anything wrong", async () => {
    const all = await read(whole, 500);
    for (let cut = 0; cut <= whole.length; cut++) {
      const { epochs, resyncs } = await read(whole.slice(0, cut), 500);
      expect(all.epochs.slice(0, epochs.length)).toEqual(epochs);
      for (const [at, point] of resyncs.entries()) expect(all.resyncs[at]).toMatchObject({ offset: point.offset });
    }
  });

  test("of a log that was opened again forgets what never reached the file, and takes what came instead", async () => {
    const text = `${whole.replace("end 500\n", "")}r 4\nopen 340 2000.0\na 340 2001.0\nr 345 2.4\n`;
    const { resyncs, arrivedMs } = await read(text, 500);
    expect(resyncs.map(({ offset, arrivedMs: at }) => [offset, at])).toEqual([
      [100, 1_000],
      [345, 2_001],
    ]);
    expect(arrivedMs).toBe(2_001);
  });

  test("with nonsense in it is read around it", async () => {
    const nonsense = "\0\0\0\nr -5 1\nr 5 x\ne 5 webm\nr 1e3 4\nrestart x\nopen\nr 5 1 zz\na 1\n";
    expect(await read(nonsense + whole, 500)).toEqual(await read(whole, 500));
  });
});

test("an index that was cut in the middle of a line goes on with a line of its own", async () => {
  await using folder = await tempFolder();
  const path = join(folder.path, "index");
  await writeFile(path, "a 0 1000.0\ne 0 100 webm\nr 100 1.5\nr 2");
  const index = await IndexFile.reopen(path, 150);
  index.resync(150, 2, undefined);
  await index[Symbol.asyncDispose]();
  const { resyncs } = await readIndex(path, 200);
  expect(resyncs.map(({ offset }) => offset)).toEqual([100, 150]);
});

import { readFile, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { JOURNAL_NAME, Journal, type JournalRun, readJournal } from "../../../server/packaging/journal.ts";
import { segmentOf } from "../../helpers/segments.ts";
import { type TempFolder, tempFolder } from "../../helpers/temp-folder.ts";

const firstRun: JournalRun = {
  run: 0,
  tracks: ["video0", "audio0"],
  targetSeconds: 3,
  place: { epoch: 0, offsetSeconds: 2 },
};

async function written(folder: TempFolder): Promise<string> {
  await using journal = await Journal.open(folder.path);
  await journal.run(firstRun);
  for (let number = 0; number < 3; number++) {
    await journal.segment("video0", segmentOf(number).row);
    await journal.segment("audio0", segmentOf(number, { gap: number === 1 }).row);
  }
  return join(folder.path, JOURNAL_NAME);
}

test("everything that was noted is read again", async () => {
  await using folder = await tempFolder();
  await written(folder);
  const { runs, rows } = await readJournal(folder.path);
  expect(runs).toEqual([firstRun]);
  expect(rows.get("video0")).toEqual([0, 1, 2].map((number) => segmentOf(number).row));
  expect(rows.get("audio0")?.map(({ gap }) => gap)).toEqual([false, true, false]);
});

test("wherever it was cut, what is read is what was noted before", async () => {
  await using folder = await tempFolder();
  const path = await written(folder);
  const whole = await readJournal(folder.path);
  const { length } = await readFile(path);
  for (let cut = length; cut >= 0; cut -= 13) {
    await truncate(path, cut);
    const { runs, rows } = await readJournal(folder.path);
    expect(whole.runs.slice(0, runs.length)).toEqual(runs);
    for (const [track, own] of rows) expect(whole.rows.get(track)?.slice(0, own.length)).toEqual(own);
  }
});

test("one that was cut in the middle of a line goes on with a line of its own", async () => {
  await using folder = await tempFolder();
  const path = await written(folder);
  await truncate(path, (await readFile(path)).length - 10);
  {
    await using journal = await Journal.open(folder.path);
    await journal.segment("audio0", segmentOf(7).row);
  }
  expect((await readJournal(folder.path)).rows.get("audio0")?.map(({ number }) => number)).toEqual([0, 1, 7]);
});

test("nonsense is passed over, and a name that leads elsewhere is nonsense", async () => {
  await using folder = await tempFolder();
  const row = segmentOf(0).row;
  const lines = [
    "\0\0",
    "{}",
    "[1,2]",
    JSON.stringify({ track: "../../etc", row }),
    JSON.stringify({ track: "video0", row: { ...row, number: -1 } }),
    JSON.stringify({ ...firstRun, targetSeconds: "3" }),
    JSON.stringify({ track: "video0", row }),
  ];
  await writeFile(join(folder.path, JOURNAL_NAME), lines.join("\n"));
  const { runs, rows } = await readJournal(folder.path);
  expect([runs, [...rows]]).toEqual([[], [["video0", [row]]]]);
});

test("one that is not there tells nothing", async () => {
  await using folder = await tempFolder();
  expect(await readJournal(folder.path)).toEqual({ runs: [], rows: new Map() });
});

import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { readContainers } from "../../../server/recordings/containers.ts";
import { tempFolder } from "../../helpers/temp-folder.ts";

test.each([
  ["one", ["a 0 1.0", "e 0 50 webm", "r 50 0.1", "end 900"], [["webm", 0, 900]]],
  [
    "two, one behind the other",
    ["e 0 50 webm", "e 400 450 mp4"],
    [
      ["webm", 0, 400],
      ["mp4", 400, 900],
    ],
  ],
  ["one that was announced and never came", ["e 0 50 webm", "restart 700"], [["webm", 0, 700]]],
  [
    "one that begins behind what was announced",
    ["e 0 50 webm", "restart 300", "restart 400", "e 400 450 webm"],
    [
      ["webm", 0, 300],
      ["webm", 400, 900],
    ],
  ],
  [
    "what a later life found again",
    ["e 0 50 webm", "e 600 650 webm", "open 500 1.0", "e 0 50 webm", "e 550 590 matroska"],
    [
      ["webm", 0, 550],
      ["matroska", 550, 900],
    ],
  ],
  ["lines that were cut", ["e 0 50 webm", "e 40", "e 400 4", "nonsense"], [["webm", 0, 900]]],
] as const)("finds %s", async (_, lines, wanted) => {
  await using folder = await tempFolder();
  const path = join(folder.path, "index");
  await writeFile(path, `${lines.join("\n")}\n`);
  const found = await readContainers(path, 900);
  expect(found.map(({ kind, start, end }) => [kind, start, end])).toEqual(wanted);
});

test("finds none without an index", async () => {
  expect(await readContainers("/nowhere/index", 900)).toEqual([]);
});

import { expect, test } from "@jest/globals";
import { formatTable } from "../../../scripts/bench/report.ts";

test("rows become a table with the columns of all of them", () => {
  expect(
    formatTable([
      { who: "a", ms: 1 },
      { who: "b", ms: 20, note: "x" },
    ]).split("\n"),
  ).toEqual(["| who | ms | note |", "|-----|----|------|", "| a   | 1  | –    |", "| b   | 20 | x    |"]);
});

test("a row that has only its name in common with those above begins a table of its own", () => {
  const tables = formatTable([
    { who: "a", ms: 1 },
    { who: "b", refused: 2 },
    { who: "c", refused: 3 },
  ]).split("\n\n");
  expect(tables.map((table) => table.split("\n").length)).toEqual([3, 4]);
});

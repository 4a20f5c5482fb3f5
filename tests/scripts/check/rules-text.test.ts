import { readFileSync } from "node:fs";
import { expect, test } from "@jest/globals";
import { dashChecker } from "../../../scripts/check/dash/checker.ts";
import { hlsChecker } from "../../../scripts/check/hls/checker.ts";
import { rulesTable } from "../../../scripts/check/rules-text.ts";

const document = readFileSync("docs/checkers.md", "utf8");

test.each([
  ["check:hls", hlsChecker.rules],
  ["check:dash", dashChecker.rules],
])("docs/checkers.md has every rule of %s; if not, this is what it has to say", (_, rules) => {
  const table = rulesTable(rules);
  expect(document.includes(table) ? table : document).toBe(table);
});

test.each([hlsChecker.rules, dashChecker.rules])("no two rules have the same id", (...rules) => {
  const ids = rules.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
});

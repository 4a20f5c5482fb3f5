import type { Row } from "./rule.ts";

/** What a check found, in the form that `--json` prints. */
export interface Report {
  readonly check: string;
  readonly url: string;
  readonly seconds: number;
  readonly passed: number;
  readonly failedMust: number;
  readonly failedShould: number;
  readonly notJudged: number;
  readonly rows: readonly Row[];
}

/** Counts the rows. */
export function reportOf(check: string, url: string, seconds: number, rows: readonly Row[]): Report {
  const failed = rows.filter(({ ok }) => ok === false);
  return {
    check,
    url,
    seconds,
    passed: rows.filter(({ ok }) => ok === true).length,
    failedMust: failed.filter(({ level }) => level === "MUST").length,
    failedShould: failed.filter(({ level }) => level === "SHOULD").length,
    notJudged: rows.filter(({ ok }) => ok === undefined).length,
    rows,
  };
}

const HEADINGS = ["result", "level", "rule", "section", "what the rule says", "what was seen"] as const;
const COLUMN_GAP = "  ";

/** The rows as an aligned table, and the count below it. */
export function formatReport(report: Report): string {
  const lines = report.rows.map((row) => [resultOf(row), row.level, row.id, row.section, row.title, row.seen]);
  const widths = HEADINGS.map((heading, column) =>
    Math.max(...[heading, ...lines.map((line) => line[column] ?? "")].map((cell) => cell.length)),
  );
  // The last column is as long as it is: padding it would only break lines on a narrow screen.
  const format = (cells: readonly string[]) =>
    cells
      .map((cell, column) => (column === cells.length - 1 ? cell : cell.padEnd(widths[column] ?? 0)))
      .join(COLUMN_GAP);
  return [format(HEADINGS), ...lines.map(format), "", countLine(report)].join("\n");
}

function resultOf({ ok, level }: Row): string {
  if (ok === undefined) return "n/a";
  if (ok) return "pass";
  return level === "MUST" ? "FAIL" : "fail";
}

function countLine({ passed, failedMust, failedShould, notJudged }: Report): string {
  return `${passed} passed, ${failedMust} MUST failed, ${failedShould} SHOULD failed, ${notJudged} not judged`;
}

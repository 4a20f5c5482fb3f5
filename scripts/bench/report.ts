/** One line of a benchmark's table: a name and its figures, units in their names. */
export type Row = Readonly<Record<string, string | number>>;

/** One benchmark that can be run by its name. */
export interface Benchmark {
  readonly name: string;
  /** One line for the list. */
  readonly about: string;
  run(args: readonly string[]): Promise<readonly Row[]>;
}

/**
 * Markdown tables, so that the figures can go into a document as they are. A row that has nothing in common with those
 * above it but its name begins a table of its own.
 */
export function formatTable(rows: readonly Row[]): string {
  return tablesOf(rows).map(formatOne).join("\n\n");
}

function tablesOf(rows: readonly Row[]): Row[][] {
  const tables: Row[][] = [];
  for (const row of rows) {
    const [, ...columns] = Object.keys(row);
    const last = tables.at(-1);
    if (last?.some((other) => columns.some((column) => column in other)) === true) last.push(row);
    else tables.push([row]);
  }
  return tables;
}

function formatOne(rows: readonly Row[]): string {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const cells = [columns, ...rows.map((row) => columns.map((column) => String(row[column] ?? "–")))];
  const widths = columns.map((_, index) => Math.max(...cells.map((line) => line[index]?.length ?? 0)));
  const lines = cells.map((line) => `| ${line.map((cell, index) => cell.padEnd(widths[index] ?? 0)).join(" | ")} |`);
  const [head = "", ...body] = lines;
  return [head, `|${widths.map((width) => "-".repeat(width + 2)).join("|")}|`, ...body].join("\n");
}

/** Rounds to `digits` behind the point. */
export function round(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}

/** The middle value. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? upper) + upper) / 2;
}

/** The value of `--name VALUE` among a benchmark's arguments. */
export function numberOption(args: readonly string[], name: string, initial: number): number {
  const index = args.indexOf(`--${name}`);
  const value = index < 0 ? initial : Number(args[index + 1]);
  if (!Number.isFinite(value)) throw new Error(`--${name} wants a number`);
  return value;
}

/** The text of `--name TEXT` among a benchmark's arguments. */
export function textOption(args: readonly string[], name: string, initial: string): string {
  const index = args.indexOf(`--${name}`);
  return index < 0 ? initial : (args[index + 1] ?? initial);
}

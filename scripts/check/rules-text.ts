import type { Level } from "./rule.ts";

/** A rule, without its deeds. */
interface Described {
  readonly id: string;
  readonly section: string;
  readonly level: Level;
  readonly title: string;
}

/** The table of rules in docs/checkers.md. */
export function rulesTable(rules: readonly Described[]): string {
  const rows = rules.map(({ id, section, level, title }) => `| \`${id}\` | ${section} | ${level} | ${title} |`);
  return ["| Rule | Section | Level | What it says |", "|---|---|---|---|", ...rows].join("\n");
}

import { Client } from "../../scripts/check/client.ts";
import type { Checker } from "../../scripts/check/command-line.ts";
import { judge, type Row } from "../../scripts/check/rule.ts";

/** How a stand-in is checked. */
export interface Checking {
  readonly seconds: number;
  /** ms that a busy machine may add to a time. */
  readonly slackMs: number;
  /** The one rule that is wanted. */
  readonly only?: string;
}

/** What the rules of a checker say of an address. */
export async function verdicts<Context>(checker: Checker<Context>, url: string, how: Checking): Promise<Row[]> {
  using client = new Client();
  const { seconds, slackMs, only } = how;
  const context = await checker.observe({ url, seconds, slackMs, json: false }, client);
  const rules = checker.rules.filter(({ id }) => only === undefined || id === only);
  return await judge(rules, context);
}

/** What is wrong with something finished by rules that must be kept. */
export async function broken<Context>(checker: Checker<Context>, url: string): Promise<Row[]> {
  const rows = await verdicts(checker, url, { seconds: 1, slackMs: 1_000 });
  return rows.filter(({ ok, level }) => ok === false && level === "MUST");
}

/** Long enough for what a glance shows, for what takes a segment or two, and for a machine that is busy. */
const LOOKS_SECONDS = [1, 3, 6, 10];
/** Little: it must not excuse what is wrong by design. */
const SLACK_MS = 150;

/** The verdict of one rule on a server that breaks it, which is looked at for longer as long as nothing was found. */
export async function findOut<Context>(
  checker: Checker<Context>,
  rule: string,
  start: () => Promise<AsyncDisposable & { readonly url: string }>,
  path: string,
): Promise<Row | undefined> {
  let row: Row | undefined;
  for (const seconds of LOOKS_SECONDS) {
    await using server = await start();
    [row] = await verdicts(checker, `${server.url}${path}`, { seconds, slackMs: SLACK_MS, only: rule });
    if (row?.ok === false) break;
  }
  return row;
}

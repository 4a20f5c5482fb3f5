import { parseArgs } from "node:util";
import { Client } from "./client.ts";
import { formatReport, reportOf } from "./report.ts";
import { judge, type Rule, reasonOf } from "./rule.ts";

/** What the person who runs a check asked for. */
export interface CheckOptions {
  readonly url: string;
  /** How long the server is observed. */
  readonly seconds: number;
  /** ms that the network and this machine may add to a time before it counts against the server. */
  readonly slackMs: number;
  readonly json: boolean;
}

/** A check that cannot begin: the address is wrong, or what it answers is nothing to check. */
export class CannotCheck extends Error {
  override readonly name = "CannotCheck";
}

/** One checker: how it observes a server, and the rules it judges by. */
export interface Checker<Context> {
  readonly name: string;
  readonly rules: readonly Rule<Context>[];
  observe(options: CheckOptions, client: Client): Promise<Context>;
}

const EXIT = { good: 0, failed: 1, cannotCheck: 2 } as const;

const SECONDS = 20;
const SLACK_MS = 100;
const MAX_SECONDS = 3600;

/** Runs a checker from the command line; returns the exit code. `print` takes lines for stdout, `complain` for stderr. */
export async function runCommand<Context>(
  checker: Checker<Context>,
  args: readonly string[],
  { print, complain }: { print(line: string): void; complain(line: string): void },
): Promise<number> {
  using client = new Client();
  try {
    const options = readArguments(checker.name, args);
    const context = await checker.observe(options, client);
    const rows = await judge(checker.rules, context);
    const report = reportOf(checker.name, options.url, options.seconds, rows);
    print(options.json ? JSON.stringify(report) : formatReport(report));
    return report.failedMust > 0 ? EXIT.failed : EXIT.good;
  } catch (error) {
    complain(reasonOf(error).replaceAll(/\s*\n\s*/g, " "));
    return EXIT.cannotCheck;
  }
}

function readArguments(name: string, args: readonly string[]): CheckOptions {
  const usage = `usage: npm run ${name} -- URL [--seconds ${SECONDS}] [--slack ${SLACK_MS}] [--json]`;
  const { values, positionals } = parsed(args, usage);
  const [url, ...others] = positionals;
  if (url === undefined || others.length > 0) throw new CannotCheck(usage);
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) {
    throw new CannotCheck(`${url} is no http:// or https:// address; ${usage}`);
  }
  return {
    url: new URL(url).href,
    seconds: number("--seconds", values.seconds, SECONDS, { least: 1, most: MAX_SECONDS }),
    slackMs: number("--slack", values.slack, SLACK_MS, { least: 0, most: 60_000 }),
    json: values.json === true,
  };
}

function parsed(args: readonly string[], usage: string) {
  const options = { seconds: { type: "string" }, slack: { type: "string" }, json: { type: "boolean" } } as const;
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true });
  } catch (error) {
    throw new CannotCheck(`${reasonOf(error)}; ${usage}`);
  }
}

function number(
  name: string,
  text: string | undefined,
  otherwise: number,
  { least, most }: { least: number; most: number },
): number {
  if (text === undefined) return otherwise;
  const value = Number(text);
  if (text.trim() !== "" && value >= least && value <= most) return value;
  throw new CannotCheck(`${name} wants a number from ${least} to ${most}, not "${text}"`);
}

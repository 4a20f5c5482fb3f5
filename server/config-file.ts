import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { messageOf } from "./core/errors.ts";
import { type ChannelTable, channelTable } from "./protocol/channel-table.ts";
import { type SourceTable, sourceProblems, sourceTable } from "./protocol/sources.ts";

/** The file's name, next to `.env`. */
const CONFIG_FILE = "millrace.config.json";

/** What the file says. */
export interface ConfigFile {
  /** Settings as an environment holds them: nobody has checked them yet. */
  readonly settings: Readonly<Record<string, string>>;
  readonly sources: SourceTable;
  /** What is set for single channels. */
  readonly channels: ChannelTable;
}

/**
 * Reads `millrace.config.json` in `cwd`: settings under the names that they have in the environment, `sources` and
 * `channels`. Throws an error with a line for each problem; without the file there is nothing.
 */
export function readConfigFile(cwd: string): ConfigFile {
  const path = join(cwd, CONFIG_FILE);
  if (!existsSync(path)) return { settings: {}, sources: {}, channels: {} };
  const { sources = {}, channels = {}, ...rest } = readObject(path);
  const parsed = sourceTable.safeParse(sources);
  const own = channelTable.safeParse(channels);
  const problems = [
    ...(parsed.success ? [] : sourceProblems(parsed.error, "sources")),
    ...(own.success ? [] : sourceProblems(own.error, "channels")),
  ];
  const settings: Record<string, string> = {};
  for (const [name, value] of Object.entries(rest)) {
    const text = asText(value);
    if (!name.startsWith("MILLRACE_")) problems.push(`${name}: allowed are names of settings, sources and channels`);
    else if (text === undefined) problems.push(`${name}: allowed is a text, a number, true or false`);
    else settings[name] = text;
  }
  if (!parsed.success || !own.success || problems.length > 0) {
    throw new Error(problems.map((problem) => `${CONFIG_FILE}: ${problem}`).join("\n"));
  }
  return { settings, sources: parsed.data, channels: own.data };
}

function readObject(path: string): Record<string, unknown> {
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(path, "utf8"));
  } catch (error) {
    throw new Error(`${CONFIG_FILE} cannot be read: ${messageOf(error)}`, { cause: error });
  }
  if (typeof content !== "object" || content === null || Array.isArray(content)) {
    throw new Error(`${CONFIG_FILE}: allowed is one object, such as {"sources": {}}`);
  }
  return { ...content };
}

/** As it would stand in the environment. */
function asText(value: unknown): string | undefined {
  if (typeof value === "boolean") return value ? "on" : "off";
  if (typeof value === "number") return String(value);
  return typeof value === "string" ? value : undefined;
}

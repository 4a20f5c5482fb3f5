/** How binding a rule is (RFC 2119). */
export type Level = "MUST" | "SHOULD";

/** What became of a rule. `ok` is undefined where nothing was seen that it could be judged by. */
export interface Verdict {
  readonly ok: boolean | undefined;
  /** What was seen, in a few words. */
  readonly seen: string;
}

/** One rule of a standard, judged from what was observed of a server. */
export interface Rule<Context> {
  /** Stays the same for good, so that results can be compared. */
  readonly id: string;
  /** Where the rule stands. */
  readonly section: string;
  readonly level: Level;
  readonly title: string;
  /** What has to hold before the rule says anything; each answers why it does not. */
  readonly needs?: readonly ((context: Context) => string | undefined)[];
  readonly run: (context: Context) => Verdict | Promise<Verdict>;
}

/** A rule with its verdict. */
export interface Row extends Verdict {
  readonly id: string;
  readonly section: string;
  readonly level: Level;
  readonly title: string;
}

export const pass = (seen: string): Verdict => ({ ok: true, seen });
export const fail = (seen: string): Verdict => ({ ok: false, seen });
/** Nothing was seen that the rule could be judged by. */
export const unjudged = (why: string): Verdict => ({ ok: undefined, seen: why });

/** How many violations are written out. */
const SHOWN = 2;

/** Fails with the first of the violations; without any it passes with `seen`. */
export function verdict(violations: readonly string[], seen: string): Verdict {
  if (violations.length === 0) return pass(seen);
  const more = violations.length > SHOWN ? `; and ${violations.length - SHOWN} more` : "";
  return fail(`${violations.slice(0, SHOWN).join("; ")}${more}`);
}

/** Judges all rules at once: those that ask the server something wait for it side by side. */
export function judge<Context>(rules: readonly Rule<Context>[], context: Context): Promise<Row[]> {
  return Promise.all(
    rules.map(async (rule) => {
      const { id, section, level, title } = rule;
      return { id, section, level, title, ...(await verdictOf(rule, context)) };
    }),
  );
}

async function verdictOf<Context>(rule: Rule<Context>, context: Context): Promise<Verdict> {
  for (const need of rule.needs ?? []) {
    const missing = need(context);
    if (missing !== undefined) return unjudged(missing);
  }
  try {
    return await rule.run(context);
  } catch (error) {
    // A server may answer anything; one rule that stumbles over it must not take the others with it.
    return fail(`the rule could not be judged: ${reasonOf(error)}`);
  }
}

/** The words of whatever was thrown. */
export function reasonOf(error: unknown): string {
  if (typeof error !== "object" || error === null) return String(error);
  const message = "message" in error ? String(error.message) : String(error);
  const cause = "cause" in error && error.cause !== undefined ? `: ${reasonOf(error.cause)}` : "";
  return `${message}${cause}`;
}

import {
  isKept,
  type Source,
  type SourceChannel,
  type SourceSettings,
  sourceSettings,
} from "../../server/protocol/sources.ts";

/** What a source is, as it stands in a form. */
export interface SourceFields {
  readonly kind: "address" | "file" | "folder";
  readonly where: string;
  readonly passphrase: string;
  readonly start: "always" | "demand";
  readonly stopAfterSeconds: string;
  /** Empty: as is usual for its kind. */
  readonly record: "" | "true" | "false";
}

const STATE_WORDS: Readonly<Record<SourceChannel["state"], string>> = {
  idle: "starts when somebody watches",
  listening: "waits for a sender",
  starting: "starting",
  live: "live",
  waiting: "waits for its next try",
  stopped: "stopped by the operator; saved once more, it starts again",
};

/** How a channel of a source is, in words. */
export function stateWords({ state, problem, retryAt }: SourceChannel, locale?: string): string {
  const at = retryAt === null ? "" : ` at ${new Date(retryAt).toLocaleTimeString(locale, { timeStyle: "medium" })}`;
  return `${STATE_WORDS[state]}${state === "waiting" ? at : ""}${problem === null ? "" : `: ${problem}`}`;
}

/** What a source is and when it runs, in words. */
export function sourceWords({ kind, location, start, stopAfterSeconds, record }: Source): string {
  const what = kind === "file" || kind === "folder" ? `${kind} ${location}` : location;
  const runs = start === "always" ? "all the time" : `while watched, and ${stopAfterSeconds} s longer`;
  return `${what} · ${runs} · ${record ? "recorded" : "not recorded"}`;
}

/** The fields for a source that is there. What is secret in it is not told, so it has to be written again. */
export function fieldsOf(source: Source, recordByDefault: boolean): SourceFields {
  const { location, start, stopAfterSeconds, record, isWhole } = source;
  const kind = source.kind === "file" || source.kind === "folder" ? source.kind : "address";
  const where = isWhole ? location : "";
  const usual = isKept({ [kind]: location, start, stopAfterSeconds }, recordByDefault);
  return {
    kind,
    where,
    passphrase: "",
    start,
    stopAfterSeconds: String(stopAfterSeconds),
    record: record === usual ? "" : record ? "true" : "false",
  };
}

/** Reads the fields; `problem` says in words what cannot be. */
export function readSource(
  fields: SourceFields,
): { readonly settings: SourceSettings; readonly problem?: undefined } | { readonly problem: string } {
  const { kind, where, passphrase, start, stopAfterSeconds, record } = fields;
  if (where.trim() === "") return { problem: kind === "address" ? "Write the address." : "Write the path." };
  const parsed = sourceSettings.safeParse({
    [kind]: where.trim(),
    start,
    ...(hasPassphrase(fields) && passphrase !== "" ? { passphrase } : {}),
    ...(start === "demand" ? { stopAfterSeconds: Number(stopAfterSeconds) } : {}),
    ...(record === "" ? {} : { record: record === "true" }),
  });
  if (parsed.success) return { settings: parsed.data };
  return { problem: parsed.error.issues.map(({ message }) => sentence(message)).join(" ") };
}

function sentence(words: string): string {
  return `${words.slice(0, 1).toUpperCase()}${words.slice(1)}.`;
}

/** Only SRT has one. */
export function hasPassphrase({ kind, where }: Pick<SourceFields, "kind" | "where">): boolean {
  return kind === "address" && /^\s*srt:/i.test(where);
}

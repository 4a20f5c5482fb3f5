import type { Answer } from "../ui/api.ts";

/** What to tell of an answer that is no success. */
export function troubleOf(answer: Answer<unknown>): string | undefined {
  if (answer.kind === "ok") return undefined;
  if (answer.kind === "unreachable") return "The server cannot be reached. Trying again…";
  return `The server says: ${answer.text}`;
}

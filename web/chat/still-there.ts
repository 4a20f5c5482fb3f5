import type { ChatLine } from "../../server/protocol/chat.ts";

/**
 * What to show after the connection was gone: the history, and before it what was shown already. Of the time that the
 * history tells, what is not in it was taken back meanwhile.
 */
export function stillThere(shown: readonly ChatLine[], history: readonly ChatLine[]): ChatLine[] {
  const [first] = history;
  if (first === undefined) return [...shown];
  return [...shown.filter(({ id }) => id < first.id), ...history];
}

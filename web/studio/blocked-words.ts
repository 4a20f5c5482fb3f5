import { chatSettings } from "../../server/protocol/chat.ts";

const { words: list } = chatSettings.shape;
const { element } = list;

/** Blocked words as they are written, one on each line; `problem` says in words what cannot be. */
export function readWords(text: string): { readonly words: string[]; readonly problem?: string } {
  const words = [...new Set(text.split("\n").map((line) => line.trim()))].filter((word) => word !== "");
  const long = words.find((word) => !element.safeParse(word).success);
  if (long !== undefined) return { words, problem: `“${long.slice(0, 20)}…” is too long: 64 characters at most.` };
  if (!list.safeParse(words).success) return { words, problem: `These are ${words.length} words: 200 at most.` };
  return { words };
}

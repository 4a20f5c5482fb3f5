import { skeleton } from "../protocol/chat-text.ts";

/** Words that may not be written, whatever case, accents and look-alikes they are written with. */
export class BlockedWords {
  readonly #phrases: readonly string[];

  constructor(words: readonly string[]) {
    this.#phrases = words.map(inWords).filter((phrase) => phrase.trim() !== "");
  }

  /** Whether one of them stands in `text` as a whole word, not as a part of another. */
  isIn(text: string): boolean {
    if (this.#phrases.length === 0) return false;
    const found = inWords(text);
    return this.#phrases.some((phrase) => found.includes(phrase));
  }
}

/** Folded, with one space around every word. */
function inWords(text: string): string {
  const words = text.normalize("NFKC").split(/[^\p{L}\p{N}\p{M}]+/u);
  return ` ${words
    .map(skeleton)
    .filter((each) => each !== "")
    .join(" ")} `;
}

/** How long what people write may be, in characters (code points). */
export const MAX_NAME = 32;
export const MAX_TEXT = 500;

/** Controls, format characters (bidi, zero width), halves of surrogate pairs, what nobody has assigned. */
const NOT_IN_NAMES = /[\p{C}\p{Zl}\p{Zp}]/u;
/** Controls and what turns the direction of the text that follows; joiners stay, emoji are made with them. */
const NOT_IN_TEXT = /[\p{Cc}\p{Cs}\p{Co}\p{Zl}\p{Zp}\u061c\u200b\u2060-\u206f\u202a-\u202e\ufeff]/gu;
/** A pile of marks on one letter covers the lines around it. */
const PILED_MARKS = /(\p{M}{3})\p{M}+/gu;
const SPACES = /\s+/gu;

/** A name as it is shown; undefined when it cannot be one: 1 to 32 characters that are visible or spaces. */
export function cleanName(text: string): string | undefined {
  const name = text.normalize("NFC").replaceAll(SPACES, " ").trim().replaceAll(PILED_MARKS, "$1");
  const isName = name !== "" && lengthOf(name) <= MAX_NAME && !NOT_IN_NAMES.test(name) && skeleton(name) !== "";
  return isName ? name : undefined;
}

/** A line of chat as it is shown; empty when nothing is left of it. It may still be too long. */
export function cleanText(text: string): string {
  // What is left out may have kept marks or spaces apart.
  const seen = text.replaceAll(SPACES, " ").replaceAll(NOT_IN_TEXT, "").normalize("NFC").replaceAll(SPACES, " ");
  return seen.replaceAll(PILED_MARKS, "$1").trim();
}

/** Characters as people count them, more or less: code points. */
export function lengthOf(text: string): number {
  return [...text].length;
}

/** Letters of other alphabets, and digits, that look like Latin ones: what impostors use first. */
const LOOK_ALIKES: Readonly<Record<string, string>> = Object.fromEntries(
  [
    ["а", "a"],
    ["α", "a"],
    ["в", "b"],
    ["β", "b"],
    ["с", "c"],
    ["ϲ", "c"],
    ["ԁ", "d"],
    ["е", "e"],
    ["ε", "e"],
    ["һ", "h"],
    ["н", "h"],
    ["і", "l"],
    ["ι", "l"],
    ["ӏ", "l"],
    ["ı", "l"],
    ["i", "l"],
    ["1", "l"],
    ["|", "l"],
    ["ј", "j"],
    ["к", "k"],
    ["κ", "k"],
    ["м", "m"],
    ["ո", "n"],
    ["ν", "v"],
    ["о", "o"],
    ["ο", "o"],
    ["օ", "o"],
    ["σ", "o"],
    ["0", "o"],
    ["р", "p"],
    ["ρ", "p"],
    ["ѕ", "s"],
    ["5", "s"],
    ["т", "t"],
    ["τ", "t"],
    ["υ", "u"],
    ["ս", "u"],
    ["х", "x"],
    ["χ", "x"],
    ["у", "y"],
    ["γ", "y"],
  ].map(([from = "", to = ""]) => [from, to]),
);

/** What two texts have in common that a reader takes for the same: no case, no accents, no spaces, no look-alikes. */
export function skeleton(text: string): string {
  const plain = text.normalize("NFKC").toLowerCase().normalize("NFKD");
  return [...plain]
    .filter((letter) => !/[\p{M}\p{C}\p{Z}._-]/u.test(letter))
    .map((letter) => LOOK_ALIKES[letter] ?? letter)
    .join("");
}

import { expect, test } from "@jest/globals";
import { readWords } from "../../../web/studio/blocked-words.ts";

test.each([
  ["", []],
  ["spam\n\n  buy  now \nspam\n", ["spam", "buy  now"]],
])("%j is read line by line, each word once", (text, words) => {
  expect(readWords(text)).toEqual({ words });
});

test("what the chat does not take is said", () => {
  expect(readWords("x".repeat(65)).problem).toMatch(/^“x{20}…” is too long: 64/);
  const many = Array.from({ length: 201 }, (_, index) => `word${index}`);
  expect(readWords(many.join("\n")).problem).toBe("These are 201 words: 200 at most.");
  expect(readWords(many.slice(1).join("\n")).problem).toBeUndefined();
});

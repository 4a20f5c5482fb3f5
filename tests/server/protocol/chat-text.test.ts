import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { cleanName, cleanText, lengthOf, MAX_NAME, skeleton } from "../../../server/protocol/chat-text.ts";

test.each([
  ["  Ada   Lovelace ", "Ada Lovelace"],
  ["Zoë", "Zoë"],
  ["李雷", "李雷"],
  ["🙂", "🙂"],
  ["x".repeat(32), "x".repeat(32)],
  ["x".repeat(33), undefined],
  [" \t\n", undefined],
  ["a\u202eb", undefined],
  ["a\u2066b", undefined],
  ["a\u200bb", undefined],
  ["a\u0007b", undefined],
  ["\ud800", undefined],
  ["...", undefined],
])("the name %j is %j", (text, name) => {
  expect(cleanName(text)).toBe(name);
});

test.each([
  ["one\r\n two\t three", "one two three"],
  ["<b>&amp;</b>", "<b>&amp;</b>"],
  ["turned \u202eround\u202c", "turned round"],
  ["a\u0000\u001b[31mb", "a[31mb"],
  ["👩‍👩‍👧", "👩‍👩‍👧"],
  [`z${"\u0301".repeat(40)}`, "ź\u0301\u0301\u0301"],
  ["\ud83d x", "x"],
])("the line %j is %j", (text, line) => {
  expect(cleanText(text)).toBe(line);
});

test.each([
  ["Ada", "АDА"],
  ["Ada", " a-d_a. "],
  ["Ada", "ÄDÀ"],
  ["lill", "1i|l"],
  ["Zoom", "Z00m"],
  ["ﬁne", "FINE"],
])("%s and %s look the same", (a, b) => {
  expect(skeleton(a)).toBe(skeleton(b));
});

test("Ada and Eda do not", () => {
  expect(skeleton("Ada")).not.toBe(skeleton("Eda"));
});

test("whatever comes in, nothing comes out that hides or turns", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 100 }), (text) => {
      expect(cleanText(text)).not.toMatch(/[\p{Cc}\p{Cs}\u202a-\u202e\u2066-\u2069]/u);
      expect(cleanText(cleanText(text))).toBe(cleanText(text));
      const name = cleanName(text);
      if (name === undefined) return;
      expect(name).not.toMatch(/\p{C}/u);
      expect(lengthOf(name)).toBeGreaterThan(0);
      expect(lengthOf(name)).toBeLessThanOrEqual(MAX_NAME);
      expect(cleanName(name)).toBe(name);
    }),
    { numRuns: 1_000 },
  );
});

import { expect, test } from "@jest/globals";
import type { ChatLine } from "../../../server/protocol/chat.ts";
import { linesUntil } from "../../../web/chat/lines-until.ts";
import { stillThere } from "../../../web/chat/still-there.ts";

const line = (id: string): ChatLine => ({ id, at: 0, name: "Ada", operator: false, text: id });
const lines = (...ids: string[]) => ids.map(line);

test.each([
  [
    ["1", "2", "3"],
    ["2", "3", "4"],
    ["1", "2", "3", "4"],
  ],
  // 2 was taken back while nobody listened.
  [
    ["1", "2", "3"],
    ["1", "3"],
    ["1", "3"],
  ],
  [
    ["1", "2"],
    ["7", "8"],
    ["1", "2", "7", "8"],
  ],
  [[], ["1"], ["1"]],
  // A room that was forgotten tells nothing of what was in it.
  [["1"], [], ["1"]],
])("of %j shown and %j told, %j is to be seen", (shown, told, seen) => {
  expect(stillThere(lines(...shown), lines(...told))).toEqual(lines(...seen));
});

test.each([
  [-1, 0],
  [0, 1],
  [1.5, 1],
  [2, 3],
  [99, 4],
])("at %d s, %d lines have been said", (seconds, count) => {
  const said = [0, 2, 2, 5].map((each) => ({ seconds: each }));
  expect(linesUntil(said, seconds)).toBe(count);
});

test("nothing was said in an empty chat", () => {
  expect(linesUntil([], 5)).toBe(0);
});

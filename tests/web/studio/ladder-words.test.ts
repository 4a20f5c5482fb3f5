import { describe, expect, test } from "@jest/globals";
import { ladderWords } from "../../../web/studio/ladder-words.ts";
import { setup } from "../../helpers/studio.ts";

describe("a ladder as it is typed", () => {
  test.each([
    ["", true, /^As the server is set, viewers get the picture as it comes; up to 640 × 360, 800 kbit\/s\.$/],
    ["ORIGINAL,854x480-15~900", true, /^Viewers get .*up to 854 × 480, 15 pictures a second, 900 kbit\/s\.$/],
    ["ORIGINAL,", false, /empty.*WIDTHxHEIGHT/],
    ["big", false, /"big" is no entry/],
  ])("%j", (text, isGood, words) => {
    const answer = ladderWords(text, setup.ladder);
    expect(answer.isGood).toBe(isGood);
    expect(answer.text).toMatch(words);
  });
});

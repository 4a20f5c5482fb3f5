import { expect, test } from "@jest/globals";
import { courseWords } from "../../../web/studio/chart-words.ts";

test("a chart is told in words, too", () => {
  const plain = (value: number) => `${value} ms`;
  expect(courseWords([], plain)).toBe("nobody has told yet");
  expect(courseWords([300, null, 200, 250], plain)).toBe("250 ms now, from 200 ms to 300 ms");
  expect(courseWords([300, null], plain)).toBe("not known now, from 300 ms to 300 ms");
});

import { expect, test } from "@jest/globals";
import { parseStudioPath } from "../../../web/studio/studio-path.ts";

test("the studio's addresses are read", () => {
  expect(parseStudioPath("/studio")).toEqual({ kind: "overview" });
  expect(parseStudioPath("/studio/")).toEqual({ kind: "overview" });
  expect(parseStudioPath("/studio/cam-1")).toEqual({ kind: "channel", channel: "cam-1" });
  expect(parseStudioPath("/studio/%F0")).toMatchObject({ kind: "unknown" });
  expect(parseStudioPath("/studio/a%20b")).toMatchObject({ kind: "unknown" });
});

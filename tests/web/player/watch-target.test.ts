import { describe, expect, test } from "@jest/globals";
import { parseWatchPath } from "../../../web/player/watch-target.ts";

const ID = "01a1fd93-c0f0-7384-a83e-13725da3da22";

describe("the watch page's address", () => {
  test.each([
    ["/watch/demo", { kind: "channel", channel: "demo" }],
    ["/watch/demo/", { kind: "channel", channel: "demo" }],
    ["/watch/recording", { kind: "channel", channel: "recording" }],
    [`/watch/recording/${ID}`, { kind: "recording", id: ID }],
  ])("%s is understood", (path, expected) => {
    expect(parseWatchPath(path)).toEqual(expected);
  });

  test.each(["/watch/", "/watch/live", "/watch/a%20b", "/watch/%E0%A4%A", "/watch/recording/x"])(
    "%s is a problem in words",
    (path) => {
      expect(parseWatchPath(path)).toMatchObject({ kind: "problem" });
    },
  );
});

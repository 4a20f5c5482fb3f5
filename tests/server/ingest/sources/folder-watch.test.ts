import { expect, test } from "@jest/globals";
import { channelOf } from "../../../../server/ingest/sources/folder-watch.ts";
import { channelName } from "../../../../server/protocol/names.ts";

test.each([
  ["one.mp4", "one"],
  ["news/2026-01-02 evening.mkv", "news-2026-01-02_evening"],
  ["a.b.webm", "a_b"],
  ["café/ü.mp4", "caf_-_"],
  [`${"x".repeat(200)}.mp4`, "x".repeat(128)],
])("the file %s is the channel %s", (path, channel) => {
  expect(channelOf(path)).toBe(channel);
  expect(channelName.safeParse(channel).success).toBe(true);
});

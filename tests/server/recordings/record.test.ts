import { describe, expect, test } from "@jest/globals";
import { v7 as uuidv7 } from "uuid";
import { broadcastRecord, mediaNames } from "../../../server/recordings/record.ts";
import { recordOf } from "../../helpers/recordings.ts";

test("what is written can be read again", () => {
  const record = recordOf({ id: uuidv7() });
  expect(broadcastRecord.parse(JSON.parse(JSON.stringify(record)))).toEqual(record);
});

describe("refuses", () => {
  const broken = [
    { id: "../../etc" },
    { channel: "a/b" },
    { channel: "live" },
    { state: "unknown" },
    { container: "avi" },
    { bytes: -1 },
    { startedAt: "yesterday" },
  ];
  test.each(broken)("%j", (change) => {
    expect(broadcastRecord.safeParse({ ...recordOf({ id: uuidv7() }), ...change }).success).toBe(false);
  });
});

test.each([
  ["webm", "source.webm", "seekable.webm"],
  ["matroska", "source.mkv", "seekable.mkv"],
  ["mp4", "source.mp4", "seekable.mp4"],
] as const)("the files of %s are %s and %s", (container, source, seekable) => {
  expect(mediaNames(container)).toEqual({ source, seekable });
});

import { describe, expect, test } from "@jest/globals";
import { v7 as uuidv7 } from "uuid";
import {
  containerType,
  publishClientMessage,
  publishQuery,
  publishServerMessage,
} from "../../../server/protocol/publish.ts";

describe("what a recorder makes", () => {
  test.each([
    "video/webm",
    "video/webm;codecs=vp9,opus",
    'video/x-matroska; codecs="avc1.42E01E, opus"',
    "video/matroska",
    "VIDEO/MP4",
    "audio/webm;codecs=opus",
  ])("%s is taken", (type) => expect(containerType.safeParse(type).success).toBe(true));

  test.each(["", "text/html", "video/ogg", "video/webmx", "video/webm\nx", "x".repeat(300)])("%j is not", (type) =>
    expect(containerType.safeParse(type).success).toBe(false),
  );
});

test("a broadcast and its token are asked for together or not at all", () => {
  const broadcast = uuidv7();
  expect(publishQuery.safeParse({ key: "k" }).success).toBe(true);
  expect(publishQuery.safeParse({ broadcast, resume: "t" }).success).toBe(true);
  expect(publishQuery.safeParse({ broadcast }).success).toBe(false);
  expect(publishQuery.safeParse({ resume: "t" }).success).toBe(false);
  expect(publishQuery.safeParse({ broadcast: "mine", resume: "t" }).success).toBe(false);
});

test("messages are what docs/publishing.md says, and nothing else", () => {
  const broadcast = uuidv7();
  for (const message of [
    { type: "ready", broadcast, resume: "t", offset: 0 },
    { type: "ack", offset: 5 },
    { type: "ended" },
  ]) {
    expect(publishServerMessage.parse(message)).toEqual(message);
  }
  for (const message of [{ type: "restart", mimeType: "video/webm" }, { type: "end" }]) {
    expect(publishClientMessage.parse(message)).toEqual(message);
  }
  for (const message of [null, [], "end", { type: "END" }, { type: "restart" }, { type: "ack", offset: 1 }]) {
    expect(publishClientMessage.safeParse(message).success).toBe(false);
  }
  for (const offset of [-1, 1.5, Number.POSITIVE_INFINITY, "0"]) {
    expect(publishServerMessage.safeParse({ type: "ack", offset }).success).toBe(false);
  }
});

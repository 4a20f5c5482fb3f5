import { describe, expect, test } from "@jest/globals";
import type { Source } from "../../../server/protocol/sources.ts";
import { fieldsOf, readSource, type SourceFields, sourceWords, stateWords } from "../../../web/studio/source-words.ts";

const source: Source = {
  name: "door",
  from: "api",
  kind: "rtsp",
  location: "rtsp://camera.lan/stream1",
  isWhole: true,
  start: "always",
  stopAfterSeconds: 10,
  record: true,
  problem: null,
  channels: [],
};
const fields: SourceFields = {
  kind: "address",
  where: "rtsp://camera.lan/stream1",
  passphrase: "",
  start: "always",
  stopAfterSeconds: "10",
  record: "",
};

describe("a form", () => {
  test("is read as what the API takes", () => {
    expect(readSource(fields)).toMatchObject({ settings: { address: "rtsp://camera.lan/stream1", start: "always" } });
    const folder = { ...fields, kind: "folder", where: " clips ", start: "demand", stopAfterSeconds: "30" } as const;
    expect(readSource({ ...folder, record: "true" })).toEqual({
      settings: { folder: "clips", start: "demand", stopAfterSeconds: 30, record: true },
    });
    const srt = { ...fields, where: "srt://there:9000", passphrase: "long enough".replace(" ", "-") };
    expect(readSource(srt)).toMatchObject({ settings: { passphrase: "long-enough" } });
    // What is written in a field that is not shown does not count.
    expect(readSource({ ...srt, where: fields.where })).not.toMatchObject({ settings: { passphrase: "long-enough" } });
  });

  test.each([
    [{ where: " " }, /Write the address/],
    [{ where: "", kind: "file" }, /Write the path/],
    [{ where: "ftp://x" }, /Allowed is an rtsp/],
    [{ where: "srt://x" }, /needs a port/],
    [{ where: "srt://x:1", passphrase: "short" }, /10 to 79 ASCII characters/],
    [{ where: "srt://x:1?mode=listener", start: "demand" }, /listener cannot wait/],
  ] as const)("with %j says what is wrong", (change, words) => {
    expect(readSource({ ...fields, ...change })).toEqual({ problem: expect.stringMatching(words) });
  });

  test("of a source that is there has all that is told of it, and asks again for what is secret", () => {
    expect(fieldsOf(source, true)).toEqual(fields);
    expect(fieldsOf({ ...source, isWhole: false }, true).where).toBe("");
    expect(fieldsOf(source, false).record).toBe("true");
    expect(fieldsOf({ ...source, record: false }, true).record).toBe("false");
    const file: Source = { ...source, kind: "file", location: "lobby.mp4", record: false };
    expect(fieldsOf(file, true)).toMatchObject({ kind: "file", where: "lobby.mp4", record: "" });
  });
});

test("a source is told in words", () => {
  expect(sourceWords(source)).toBe("rtsp://camera.lan/stream1 · all the time · recorded");
  expect(sourceWords({ ...source, kind: "folder", location: "clips", start: "demand", record: false })).toBe(
    "folder clips · while watched, and 10 s longer · not recorded",
  );
});

test("its state says what is wrong, and when it is tried again", () => {
  const channel = { channel: "door", problem: null, retryAt: null } as const;
  expect(stateWords({ ...channel, state: "live" })).toBe("live");
  expect(stateWords({ ...channel, state: "idle" })).toBe("starts when somebody watches");
  const waiting = { ...channel, state: "waiting", problem: "no answer", retryAt: "2026-01-02T03:04:05.000Z" } as const;
  expect(stateWords(waiting, "en-GB")).toMatch(/^waits for its next try at \d\d:04:05: no answer$/);
});

import { describe, expect, test } from "@jest/globals";
import { parseAddress } from "../../../server/protocol/source-address.ts";
import { isKept, sourceProblems, sourceSettings } from "../../../server/protocol/sources.ts";

describe("an address", () => {
  test.each([
    ["rtsp://u:p@cam.lan/a?b=c", "rtsp", "rtsp://cam.lan/a"],
    ["rtsps://cam.lan:322/a", "rtsp", "rtsps://cam.lan:322/a"],
    ["https://cdn.example.org/x/master.m3u8?token=t#t", "hls", "https://cdn.example.org/x/master.m3u8"],
    ["rtmp://example.org/live/x", "rtmp", "rtmp://example.org/live/x"],
    ["srt://10.0.0.1:9000?streamid=a", "srt", "srt://10.0.0.1:9000"],
    ["srt://[::1]:9000?mode=caller", "srt", "srt://[::1]:9000"],
    ["srt://0.0.0.0:9000?mode=listener", "srt-listener", "srt://0.0.0.0:9000"],
  ])("%s is understood, and shown without what is secret", (text, kind, shown) => {
    expect(parseAddress(text)).toMatchObject({ kind, shown });
  });

  test.each([
    ["", "allowed is"],
    ["/etc/passwd", "allowed is"],
    ["file:///etc/passwd", "allowed is"],
    ["concat:a|b", "allowed is"],
    ["udp://239.0.0.1:1234", "allowed is"],
    ["http://", "allowed is"],
    ["rtmp://example.org/x live=1", "no spaces"],
    ["rtmp://example.org/x\n-y", "no spaces"],
    [`http://example.org/${"x".repeat(2048)}`, "at most 2048"],
    ["srt://10.0.0.1?mode=listener", "needs a port"],
    ["srt://10.0.0.1:9000?mode=rendezvous", "mode=caller or mode=listener"],
    ["srt://10.0.0.1:9000?passphrase=1234567890", "beside the address"],
    ["srt://10.0.0.1:9000?enforced_encryption=0", "takes mode and streamid, not enforced_encryption"],
  ])("%j is refused", (text, words) => {
    expect(() => parseAddress(text)).toThrow(words);
  });
});

const problemsOf = (given: unknown) => {
  const parsed = sourceSettings.safeParse(given);
  return parsed.success ? [] : sourceProblems(parsed.error, "cam");
};

test("a source has defaults", () => {
  expect(sourceSettings.parse({ file: "a.mp4" })).toEqual({ file: "a.mp4", start: "always", stopAfterSeconds: 10 });
});

test.each([
  [{ file: "a.mp4", passphrase: "1234567890" }, "cam.passphrase: only an srt address has a passphrase"],
  [
    { address: "srt://h:1", passphrase: "short" },
    "cam.passphrase: a passphrase has 10 to 79 ASCII characters, and no spaces",
  ],
  [{ address: "srt://h:1?mode=listener", start: "demand" }, "cam.start: a listener cannot wait for viewers"],
])("%j is refused in words", (given, words) => {
  expect(problemsOf(given)).toEqual([words]);
});

test("what is no source at all is refused", () => {
  for (const given of [null, [], "a.mp4", 1]) expect(problemsOf(given)).toHaveLength(1);
});

test("kept is what comes from elsewhere and runs all the time, unless the source or the server says otherwise", () => {
  const settings = (given: object) => sourceSettings.parse(given);
  expect(isKept(settings({ address: "rtsp://h/x" }), true)).toBe(true);
  expect(isKept(settings({ address: "rtsp://h/x" }), false)).toBe(false);
  expect(isKept(settings({ address: "rtsp://h/x", start: "demand" }), true)).toBe(false);
  expect(isKept(settings({ file: "a.mp4" }), true)).toBe(false);
  expect(isKept(settings({ file: "a.mp4", record: true }), false)).toBe(true);
  expect(isKept(settings({ address: "rtsp://h/x", record: false }), true)).toBe(false);
});

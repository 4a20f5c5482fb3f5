import { describe, expect, test } from "@jest/globals";
import { chooseFormat, describeMimeType } from "../../../web/capture/formats.ts";

/** A browser that supports types beginning with these. */
const browser =
  (...supported: string[]) =>
  (type: string) =>
    supported.some((start) => type.startsWith(start));

describe("the choice of a format", () => {
  test.each([
    ["H.264 in Matroska before all", ["video/"], "video/x-matroska;codecs=avc1,opus"],
    ["H.264 in WebM next", ["video/webm", "video/mp4"], "video/webm;codecs=h264,opus"],
    ["VP9 when there is no H.264 in WebM", ["video/webm;codecs=vp", "video/mp4"], "video/webm;codecs=vp9,opus"],
    ["VP8 when there is no VP9", ["video/webm;codecs=vp8", "video/mp4"], "video/webm;codecs=vp8,opus"],
    ["MP4 last", ["video/mp4"], "video/mp4;codecs=avc1.42E01F,mp4a.40.2"],
    ["what has no codec string rather than nothing", ["video/mp4;codecs=hvc1"], undefined],
  ])("takes %s", (_name, supported, expected) => {
    expect(chooseFormat(true, browser(...supported))?.mimeType).toBe(expected);
  });

  test("takes a bare container when codec strings mean nothing to the browser", () => {
    expect(chooseFormat(true, (type) => type === "video/mp4")?.mimeType).toBe("video/mp4");
  });

  test("names no audio codec when there is no sound", () => {
    expect(chooseFormat(false, browser("video/"))?.mimeType).toBe("video/x-matroska;codecs=avc1");
  });

  test("finds none in a browser that records nothing", () => {
    expect(chooseFormat(true, () => false)).toBeUndefined();
  });
});

describe("the words for a format", () => {
  test.each([
    ["video/x-matroska;codecs=avc1,opus", "H.264 + Opus, Matroska"],
    ['video/webm; codecs="vp9,opus"', "VP9 + Opus, WebM"],
    ["video/mp4;codecs=avc1.42E01F,mp4a.40.2", "H.264 + AAC, MP4"],
    ["video/webm", "WebM"],
    ["video/ogg;codecs=theora", "theora, video/ogg"],
  ])("%s is %s", (mimeType, words) => {
    expect(describeMimeType(mimeType)).toBe(words);
  });
});

import { describe, expect, test } from "@jest/globals";
import { channelProblem, DEFAULT_SETTINGS, parseSettings } from "../../../web/capture/settings.ts";

const parse = (query: string) => parseSettings(new URLSearchParams(query));

describe("the capture page's address", () => {
  test("says nothing: the defaults hold and nothing starts", () => {
    expect(parse("")).toEqual({ ...DEFAULT_SETTINGS, autostart: false });
  });

  test("says everything", () => {
    const query = "channel=a&key=k&source=testcard&autostart=1&width=640&height=360&fps=15&kbps=500&audio=0";
    expect(parse(query)).toEqual({
      channel: "a",
      key: "k",
      source: "testcard",
      autostart: true,
      width: 640,
      height: 360,
      fps: 15,
      kbps: 500,
      audio: false,
    });
  });

  test.each(["fps=0", "fps=1000", "fps=abc", "fps=", "fps=29.97", "source=radio", "kbps=-1", "width=1"])(
    "keeps the default for %s",
    (query) => {
      expect(parse(query)).toEqual({ ...DEFAULT_SETTINGS, autostart: false });
    },
  );

  test("makes odd sizes even, as encoders want them", () => {
    expect(parse("width=641&height=361")).toMatchObject({ width: 640, height: 360 });
  });
});

describe("a channel's name", () => {
  test.each(["a", "my-channel_2", "x".repeat(128)])("can be %s", (name) => {
    expect(channelProblem(name)).toBeUndefined();
  });

  test.each(["", "a b", "ä", "x".repeat(129), "a/b", "live"])("cannot be “%s”, and the page says why", (name) => {
    expect(channelProblem(name)).toMatch(/^[A-Z].*\.$/);
  });
});

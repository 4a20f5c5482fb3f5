import { describe, expect, test } from "@jest/globals";
import { factsOf } from "../../../server/packaging/facts.ts";
import { makePicture, makeSound } from "../../helpers/cmaf.ts";
import { present, presentWith, trackOf } from "../../helpers/presentation.ts";

describe("a picture's frame rate", () => {
  test.each([
    { name: "15", fps: 15, is: 15 },
    { name: "30000/1001, which is told from 30 only by longer looking", fps: 30_000 / 1001, is: 30_000 / 1001 },
    { name: "a camera's 24.2, taken for 24", fps: 24.2, is: 24 },
    { name: "an odd 8, counted", fps: 8, is: 8 },
  ])("of $name", ({ fps, is }) => {
    const picture = makePicture({ seconds: 8, fps, keysEvery: 2 });
    const presentation = presentWith({ video0: [picture, picture.chunks] }, { tracks: ["video"] });
    const rate = factsOf(trackOf(presentation, "video0"))?.frameRate ?? 0;
    expect(Math.abs(rate - is)).toBeLessThan(fps > 29 ? 0.05 : 0.001);
  });
});

test("a track without an init segment has no facts", () => {
  expect(factsOf(trackOf(present(), "video0"))).toBeUndefined();
});

test("sound has a sample rate and channels, and no frame rate or size", () => {
  const sound = makeSound({ seconds: 5 });
  const presentation = presentWith({ audio0: [sound, sound.chunks] }, { tracks: ["audio"] });
  const facts = factsOf(trackOf(presentation, "audio0"));
  expect(facts).toMatchObject({ codecs: "mp4a.40.2", sampleRate: 48_000, channels: 2 });
  expect([facts?.frameRate, facts?.size]).toEqual([undefined, undefined]);
  expect(facts?.bandwidth).toBeGreaterThanOrEqual(facts?.averageBandwidth ?? Number.POSITIVE_INFINITY);
});

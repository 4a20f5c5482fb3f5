import { describe, expect, test } from "@jest/globals";
import { edgeOf, isListed, isTooFar } from "../../../server/packaging/edge.ts";
import { beginTrack, between, feed, makePicture, makeSound } from "../../helpers/cmaf.ts";
import { present, presentWith, trackOf } from "../../helpers/presentation.ts";

const picture = makePicture({ seconds: 7 });
const sound = makeSound({ seconds: 7 });

/** Two whole segments of ten parts each, and of the third as much as comes before `to`. */
function fed(to: number) {
  const presentation = presentWith({ video0: [picture, between(picture, 2, to)] }, { tracks: ["video"] });
  return trackOf(presentation, "video0");
}

const inThird = fed(6.5);
const beforeThird = fed(6.02);

describe("what is listed", () => {
  test.each([
    { name: "a segment long ago", segment: 0, part: undefined, is: true },
    { name: "any part of a segment long ago", segment: 0, part: 500, is: true },
    { name: "the last whole segment", segment: 1, part: undefined, is: true },
    { name: "its last part", segment: 1, part: 9, is: true },
    { name: "the part after its last, which is the first of the next", segment: 1, part: 10, is: true },
    { name: "any part after its last", segment: 1, part: 12, is: true },
    { name: "the open segment, once it has a part", segment: 2, part: undefined, is: true },
    { name: "its first part", segment: 2, part: 0, is: true },
    { name: "its newest part", segment: 2, part: 1, is: true },
    { name: "the part that is being made", segment: 2, part: 2, is: false },
    { name: "the next segment", segment: 3, part: undefined, is: false },
    { name: "the next segment's first part", segment: 3, part: 0, is: false },
  ])("$name: $is", ({ segment, part, is }) => {
    expect(isListed(inThird, { segment, part })).toBe(is);
  });

  test.each([
    { name: "the open segment without a part", segment: 2, part: undefined },
    { name: "its first part", segment: 2, part: 0 },
    { name: "the part after the last whole segment's last", segment: 1, part: 10 },
  ])("$name is not yet", ({ segment, part }) => {
    expect(isListed(beforeThird, { segment, part })).toBe(false);
  });
});

describe("what is too far ahead", () => {
  test.each([
    { name: "two segments after the last whole one", segment: 3, part: undefined, is: false },
    { name: "three", segment: 4, part: undefined, is: true },
    { name: "fourteen parts after the newest", segment: 2, part: 15, is: false },
    { name: "fifteen", segment: 2, part: 16, is: true },
    { name: "the first parts of the next segment", segment: 3, part: 13, is: false },
    { name: "more of it than there can be", segment: 3, part: 14, is: true },
    { name: "fourteen after the last of the last whole segment", segment: 1, part: 23, is: false },
    { name: "fifteen after it", segment: 1, part: 24, is: true },
  ])("$name: $is", ({ segment, part, is }) => {
    expect(isTooFar(inThird, { segment, part })).toBe(is);
  });

  test("with parts of a second or more, three", () => {
    const presentation = presentWith(
      { video0: [picture, between(picture, 2, 7.2)] },
      { tracks: ["video"], partSeconds: 1 },
    );
    const track = trackOf(presentation, "video0");
    expect([3, 4].map((part) => isTooFar(track, { segment: 2, part }))).toEqual([false, true]);
  });
});

describe("the edge", () => {
  test("is the newest part", () => {
    expect(edgeOf(inThird)).toEqual({ segment: 2, part: 1 });
  });

  test("is the last part of the last whole segment while the next has none", () => {
    expect(edgeOf(beforeThird)).toEqual({ segment: 1, part: 9 });
  });

  test("is nowhere before the first part", () => {
    expect(edgeOf(fed(2.1))).toBeUndefined();
  });

  test("after a gap names the segment alone", () => {
    const presentation = present();
    beginTrack(presentation, "video0", picture);
    beginTrack(presentation, "audio0", sound);
    const heard = [...between(sound, 0, 3.97), ...between(sound, 6.02, 6.1)];
    feed(presentation, { video0: [picture, between(picture, 2, 6.3)], audio0: [sound, heard] });
    expect(edgeOf(trackOf(presentation, "audio0"))).toEqual({ segment: 1, part: undefined });
  });
});

import { describe, expect, test } from "@jest/globals";
import type { MediaTrack } from "../../../server/media/container.ts";
import type { RungWish } from "../../../server/transcode/ladder.ts";
import { dearestPicture, planEncoding } from "../../../server/transcode/plan.ts";

const h264: MediaTrack = { id: 1, kind: "video", codec: "h264", width: 1280, height: 720 };
const vp8: MediaTrack = { ...h264, codec: "vp8" };
const opus: MediaTrack = { id: 2, kind: "audio", codec: "opus" };
const original: RungWish = { original: true };
const small: RungWish = { width: 640, height: 360, fps: 15, kbps: 400 };

function plan(source: readonly MediaTrack[], ladder: readonly RungWish[], mayCopy = true) {
  return planEncoding(source, { ladder, audioKbps: 128, mayCopy });
}

const sound = { name: "audio0", kind: "audio", copy: false, kbps: 128 };

const cases = [
  {
    name: "H.264 is passed through, and everything follows its key frames",
    is: plan([h264, opus], [original, small]),
    keys: "source",
    tracks: [
      { name: "video0", kind: "video", copy: true },
      {
        name: "video1",
        kind: "video",
        copy: false,
        size: { width: 640, height: 360 },
        fps: 15,
        kbps: 400,
        level: "3.0",
      },
      sound,
    ],
  },
  {
    name: "H.264 whose key frames are too rare is encoded, on the grid",
    is: plan([h264, opus], [original], false),
    keys: "grid",
    tracks: [
      { name: "video0", kind: "video", copy: false, size: { width: 1280, height: 720 }, kbps: 2765, level: "3.2" },
      sound,
    ],
  },
  {
    name: "anything else is encoded, on the grid",
    is: plan([vp8, opus], [original]),
    keys: "grid",
    tracks: [
      { name: "video0", kind: "video", copy: false, size: { width: 1280, height: 720 }, kbps: 2765, level: "3.2" },
      sound,
    ],
  },
  {
    name: "H.264 without an ORIGINAL rung is on the grid",
    is: plan([h264], [small]),
    keys: "grid",
    tracks: [
      {
        name: "video0",
        kind: "video",
        copy: false,
        size: { width: 640, height: 360 },
        fps: 15,
        kbps: 400,
        level: "3.0",
      },
    ],
  },
  { name: "sound alone is on the grid", is: plan([opus], [original, small]), keys: "grid", tracks: [sound] },
  { name: "nothing known makes nothing", is: plan([], [original]), keys: "grid", tracks: [] },
];

test.each(cases)("$name", ({ is, keys, tracks }) => {
  expect(is).toEqual({ keys, tracks, dropped: [] });
});

describe("H.264 that not all players show", () => {
  test.each([
    { name: "of more than 8 bits or of other colours", of: { uncommon: true as const } },
    { name: "in fields", of: { interlaced: true as const } },
    { name: "that has to be turned", of: { rotation: 90 as const } },
  ])("$name is encoded, on the grid", ({ of }) => {
    const { tracks, keys } = plan([{ ...h264, ...of }], [original, small]);
    expect(keys).toBe("grid");
    expect(tracks.map(({ copy }) => copy)).toEqual([false, false]);
  });

  test("in fields becomes whole pictures first", () => {
    const { tracks } = plan([{ ...h264, interlaced: true }], [original, small]);
    expect(tracks.map(({ deinterlace }) => deinterlace)).toEqual([true, true]);
  });

  test("with pixels that are not square is shown as it is", () => {
    expect(plan([{ ...h264, pixelAspect: 4 / 3 }], [original]).tracks[0]?.copy).toBe(true);
  });
});

describe("the size of what is encoded is that of what is shown", () => {
  const narrow: MediaTrack = { ...vp8, width: 720, height: 576 };

  test.each([
    { name: "wide pixels", of: { pixelAspect: 64 / 45 }, sizes: ["1024x576", "640x360"] },
    { name: "tall pixels", of: { pixelAspect: 8 / 9 }, sizes: ["640x576", "400x360"] },
    { name: "a turned picture", of: { rotation: 270 as const }, sizes: ["576x720", "288x360"] },
    { name: "one that stands on its head", of: { rotation: 180 as const }, sizes: ["720x576", "450x360"] },
  ])("$name", ({ of, sizes }) => {
    const { tracks } = plan([{ ...narrow, ...of }], [original, { width: 640, height: 360 }]);
    expect(tracks.map(({ size }) => `${size?.width}x${size?.height}`)).toEqual(sizes);
  });
});

describe("the picture that costs most", () => {
  const large: RungWish = { width: 854, height: 480 };
  const named = (source: MediaTrack, ...ladder: RungWish[]) => dearestPicture(plan([source, opus], ladder))?.name;

  test.each([
    { name: "is never what is passed through", is: named(h264, original, small, large), dearest: "video2" },
    { name: "is ORIGINAL where that is encoded", is: named(vp8, small, original, large), dearest: "video1" },
    { name: "counts its frames, too", is: named(vp8, { ...large, fps: 10 }, { ...small, fps: 24 }), dearest: "video1" },
    { name: "of one is none", is: named(vp8, large), dearest: undefined },
    { name: "of what is passed through alone is none", is: named(h264, original), dearest: undefined },
  ])("$name", ({ is, dearest }) => {
    expect(is).toBe(dearest);
  });

  test("can be left out: the others keep their names", () => {
    const options = { ladder: [large, original, small], audioKbps: 128, mayCopy: true, dropped: new Set(["video0"]) };
    const { tracks, keys, dropped } = planEncoding([h264, opus], options);
    expect(tracks.map(({ name }) => name)).toEqual(["video1", "video2", "audio0"]);
    expect(dropped.map(({ name, size }) => [name, size])).toEqual([["video0", { width: 854, height: 480 }]]);
    expect(keys).toBe("source");
  });
});

describe("without a bit rate", () => {
  test.each([
    { name: "a box gets one for its size at 30 fps", wish: { width: 1920, height: 1080 }, kbps: 6221 },
    { name: "a box gets one for its own rate", wish: { width: 640, height: 360, fps: 15 }, kbps: 346 },
    { name: "a tiny box gets at least 150", wish: { width: 64, height: 36 }, kbps: 150 },
  ])("$name", ({ wish, kbps }) => {
    expect(plan([h264], [wish]).tracks[0]?.kbps).toBe(kbps);
  });

  test("a picture of unknown size gets one for 720p", () => {
    expect(plan([{ id: 1, kind: "video", codec: "vp9" }], [original]).tracks[0]?.kbps).toBe(2765);
  });
});

describe("the level of H.264", () => {
  test.each([
    { wish: { width: 1920, height: 1080 }, level: "4.2" },
    { wish: { width: 1920, height: 1080, fps: 30 }, level: "4.0" },
    { wish: { width: 3840, height: 2160, fps: 60 }, level: "5.2" },
    { wish: { width: 320, height: 180 }, level: "3.0" },
  ])("of $wish.width x $wish.height at $wish.fps is $level", ({ wish, level }) => {
    expect(plan([h264], [wish]).tracks[0]?.level).toBe(level);
  });

  test("is left open for a picture of unknown size", () => {
    expect(plan([{ id: 1, kind: "video", codec: "vp9" }], [original]).tracks[0]?.level).toBeUndefined();
  });
});

test("only the first picture and the first sound are taken", () => {
  const { tracks } = plan([h264, { ...h264, id: 3 }, opus, { ...opus, id: 4 }], [original]);
  expect(tracks.map(({ name }) => name)).toEqual(["video0", "audio0"]);
});

test("what the broadcast's first picture was decides for those that come later in it", () => {
  const later: MediaTrack = { ...vp8, width: 320, height: 240 };
  const { tracks } = planEncoding([later], { ladder: [original, small], first: h264, audioKbps: 128, mayCopy: false });
  expect(tracks.map(({ size }) => size)).toEqual([
    { width: 1280, height: 720 },
    { width: 640, height: 360 },
  ]);
});

import { describe, expect, test } from "@jest/globals";
import { Epoch } from "../../../server/broadcast/epoch.ts";

function emptyEpoch(): Epoch {
  return new Epoch(0, { type: "init", offset: 10, end: 200, kind: "webm", tracks: [] }, 1_700_000_000_000);
}

function picture(time: number, key: boolean) {
  return { type: "frame", track: 1, kind: "video", time, key } as const;
}

const sound = (time: number) => ({ type: "frame", track: 2, kind: "audio", time, key: true }) as const;

/** An epoch with resync points at these times, each a hundred bytes long. */
function withResyncs(times: readonly number[]): Epoch {
  const epoch = emptyEpoch();
  for (const [index, time] of times.entries()) epoch.addResync({ offset: 200 + index * 100, time, arrivedMs: 0 });
  return epoch;
}

test("knows nothing before the first frame", () => {
  const epoch = emptyEpoch();
  expect(epoch).toMatchObject({ number: 0, kind: "webm", init: { offset: 10, end: 200 }, end: undefined });
  expect([epoch.firstTime, epoch.firstKeyTime, epoch.newestTime, epoch.longestKeyInterval]).toEqual([
    undefined,
    undefined,
    0,
    0,
  ]);
});

describe("the longest time without a key frame", () => {
  const streams = [
    {
      name: "is that between two key frames",
      frames: [picture(1, true), picture(2, false), picture(3.5, true)],
      is: 2.5,
    },
    { name: "counts the time that goes on", frames: [picture(1, true), picture(2, true), picture(9, false)], is: 7 },
    { name: "stays when keys come closer", frames: [picture(0, true), picture(4, true), picture(5, true)], is: 4 },
    { name: "counts from the first frame, key or not", frames: [picture(3, false), picture(5, false)], is: 2 },
    { name: "is 0 for sound", frames: [sound(0), sound(60)], is: 0 },
    { name: "does not go down with frames out of order", frames: [picture(5, true), picture(4.9, false)], is: 0 },
  ];
  test.each(streams)("$name", ({ frames, is }) => {
    const epoch = emptyEpoch();
    for (const frame of frames) epoch.addFrame(frame);
    expect(epoch.longestKeyInterval).toBeCloseTo(is);
  });
});

test("its times are those of all tracks, whatever the order of frames", () => {
  const epoch = emptyEpoch();
  for (const frame of [sound(1.2), picture(1.5, false), sound(1), picture(1.4, true), picture(1.45, false)]) {
    epoch.addFrame(frame);
  }
  expect([epoch.firstTime, epoch.firstKeyTime, epoch.newestTime]).toEqual([1, 1.4, 1.5]);
});

describe("where decoding can start", () => {
  const epoch = withResyncs([1, 2.5, 4]);

  test.each([
    { time: 3, is: 2.5 },
    { time: 2.5, is: 2.5 },
    { time: 100, is: 4 },
    { time: 0.5, is: 1 },
  ])("at or before $time is at $is", ({ time, is }) => {
    expect(epoch.resyncBefore(time)?.time).toBe(is);
  });

  test.each([
    { offset: 0, is: 200 },
    { offset: 201, is: 300 },
    { offset: 300, is: 300 },
    { offset: 401, is: undefined },
  ])("at or behind byte $offset is byte $is", ({ offset, is }) => {
    expect(epoch.resyncAfter(offset)?.offset).toBe(is);
  });

  test("is nowhere in an empty epoch", () => {
    expect(emptyEpoch().resyncBefore(1)).toBeUndefined();
    expect(emptyEpoch().newestResync).toBeUndefined();
  });
});

test("a broadcast of days keeps a bounded number of resync points, the newest", () => {
  const epoch = withResyncs(Array.from({ length: 100_000 }, (_, second) => second));
  expect(epoch.newestResync?.time).toBe(99_999);
  const oldest = epoch.resyncBefore(0)?.time ?? 0;
  expect(oldest).toBeGreaterThan(99_999 - 2_100);
  expect(oldest).toBeLessThan(99_999 - 1_000);
});

test("a resync point before the last one means that the clock went back; a later one or the same does not", () => {
  expect(emptyEpoch().goesBackTo(0)).toBe(false);
  const epoch = withResyncs([1, 2.5, 4]);
  expect([5, 4, 3.9, 0].map((time) => epoch.goesBackTo(time))).toEqual([false, false, true, true]);
});

describe("the first picture after a time", () => {
  const withPictures = (kind: "webm" | "mp4", times: readonly number[]) => {
    const epoch = new Epoch(0, { type: "init", offset: 0, end: 0, kind, tracks: [] }, 0);
    for (const time of times) epoch.addFrame(picture(time, false));
    return epoch;
  };

  test("is known, also where pictures come out of order", () => {
    const epoch = withPictures("webm", [1, 1.12, 1.04, 1.08, 4.5]);
    expect([1, 1.05, 1.1, 1.2, 4.5].map((time) => epoch.pictureAfter(time))).toEqual([1, 1.08, 1.12, 4.5, 4.5]);
  });

  test("is not known before the oldest that is kept, behind the newest, and in MP4, where not each is told of", () => {
    const many = Array.from({ length: 5000 }, (_, index) => index / 60);
    expect(withPictures("webm", many).pictureAfter(10)).toBeUndefined();
    expect(withPictures("webm", many).pictureAfter(80)).toBeCloseTo(80);
    expect(withPictures("webm", many).pictureAfter(90)).toBeUndefined();
    expect(withPictures("mp4", many).pictureAfter(80)).toBeUndefined();
  });
});

describe("the time of a resync point at an offset", () => {
  test("is known where there is one, and nowhere else", () => {
    const epoch = withResyncs([1, 2.5, 4]);
    expect([200, 300, 400].map((offset) => epoch.timeAt(offset))).toEqual([1, 2.5, 4]);
    expect([199, 201, 350, 401].map((offset) => epoch.timeAt(offset))).toEqual(Array(4).fill(undefined));
    expect(emptyEpoch().timeAt(200)).toBeUndefined();
  });

  test("is known of over two minutes of images, and of a bounded number of them", () => {
    const epoch = new Epoch(0, { type: "init", offset: 0, end: 0, kind: "frames", tracks: [] }, 0);
    for (let index = 0; index < 50_000; index++) epoch.addResync({ offset: index, time: index / 60, arrivedMs: 0 });
    expect(epoch.timeAt(49_999)).toBeCloseTo(49_999 / 60);
    expect(epoch.timeAt(49_999 - 120 * 60)).toBeCloseTo(49_999 / 60 - 120);
    expect(epoch.timeAt(30_000)).toBeUndefined();
  });
});

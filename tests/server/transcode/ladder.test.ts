import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { parseLadder } from "../../../server/protocol/ladder.ts";
import { fitLadder, type Picture, type Rung } from "../../../server/transcode/ladder.ts";

const LIST = "1280x720-30,854x480-30,640x360-15~800";

/** As the settings write it; the frame rate is the one that the picture really gets. */
function write(rungs: readonly Rung[], { fps: own = 30 }: Picture): string[] {
  return rungs.flatMap((rung) => {
    if (rung.original) return [];
    const kbps = rung.kbps === undefined ? "" : `~${rung.kbps}`;
    return [`${rung.width}x${rung.height}-${Math.min(rung.fps ?? own, own)}${kbps}`];
  });
}

const fitted = (text: string, picture: Picture) => write(fitLadder(parseLadder(text), picture), picture);
const picture = (width: number, height: number, fps?: number): Picture => ({ width, height, fps });

describe("the ladder 1280x720-30,854x480-30,640x360-15~800", () => {
  const all = ["1280x720-30", "854x480-30", "640x360-15~800"];
  const upright = ["406x720-30", "270x480-30", "204x360-15~800"];
  test.each([
    { of: picture(1920, 1080, 30), beside: all, alone: all },
    {
      of: picture(1280, 720, 25),
      beside: ["854x480-25", "640x360-15~800"],
      alone: ["1280x720-25", "854x480-25", "640x360-15~800"],
    },
    { of: picture(640, 480, 30), beside: ["480x360-15~800"], alone: ["640x480-30", "480x360-15~800"] },
    { of: picture(720, 1280, 30), beside: upright, alone: upright },
    { of: picture(320, 240, 10), beside: [], alone: ["480x360-10~800"] },
  ])("of $of.width x $of.height at $of.fps", ({ of, beside, alone }) => {
    expect(fitted(`ORIGINAL,${LIST}`, of)).toEqual(beside);
    expect(fitted(LIST, of)).toEqual(alone);
  });
});

test("ORIGINAL stays where it was asked for", () => {
  const rungs = fitLadder(parseLadder("640x360,ORIGINAL"), picture(1280, 720, 30));
  expect(rungs.map(({ original }) => original)).toEqual([false, true]);
});

test("two bit rates of one size are two rungs, and the same one twice is one", () => {
  expect(fitted("ORIGINAL,640x360~800,640x360~400", picture(640, 360, 30))).toEqual([
    "640x360-30~800",
    "640x360-30~400",
  ]);
  expect(fitted("1280x360,640x360", picture(1280, 720, 30))).toEqual(["640x360-30"]);
});

test("a picture whose frame rate is not told is taken for one of 30", () => {
  expect(fitted("ORIGINAL,640x360-30,640x360-15", picture(640, 360))).toEqual(["640x360-15"]);
});

test("an odd picture's own size is the next even one", () => {
  expect(fitted("ORIGINAL,642x362", picture(641, 361, 30))).toEqual([]);
});

test("whatever is asked of whatever picture: even, in its shape, never enlarged beside ORIGINAL, never without a rung", () => {
  const side = fc.integer({ min: 16, max: 4096 });
  const wish = fc.record({
    width: side,
    height: side,
    fps: fc.option(fc.integer({ min: 1, max: 60 }), { nil: undefined }),
  });
  fc.assert(
    fc.property(
      fc.array(wish, { minLength: 1, maxLength: 5 }),
      side,
      side,
      fc.boolean(),
      (wishes, width, height, own) => {
        const of = picture(width, height, 30);
        const rungs = fitLadder(own ? [{ original: true }, ...wishes] : wishes, of);
        expect(rungs.length).toBeGreaterThan(0);
        const boxes = rungs.filter((rung) => !rung.original);
        for (const rung of boxes) {
          expect([rung.width % 2, rung.height % 2]).toEqual([0, 0]);
          // Each side is at most one step of two pixels from the picture's shape.
          expect(Math.abs(rung.width * height - rung.height * width)).toBeLessThan(2 * Math.max(width, height) + 1);
          if (own || boxes.length > 1) expect(rung.width <= width + 1 && rung.height <= height + 1).toBe(true);
        }
      },
    ),
  );
});

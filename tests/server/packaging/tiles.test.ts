import { expect, test } from "@jest/globals";
import { tileStretches } from "../../../server/packaging/tiles.ts";
import { beginTrack, feed, makeSound } from "../../helpers/cmaf.ts";
import { brokenRecording, present } from "../../helpers/presentation.ts";

/** Number, begin and end of each tile of each stretch. */
function tiles(times: readonly number[]): unknown {
  const rounded = (seconds: number) => Math.round(seconds * 1000) / 1000;
  return tileStretches(brokenRecording(), times).map((stretch) =>
    stretch.tiles.map(({ number, begin, end }) => [number, rounded(begin), rounded(end)]),
  );
}

test("each image stands for what follows it, and the first of a stretch for what is before it, too", () => {
  expect(tiles([2.5, 4, 101, 102])).toEqual([
    [
      [0, 2, 4],
      [1, 4, 6],
    ],
    [
      [2, 100, 102],
      [3, 102, 104],
    ],
  ]);
});

test("a stretch without an image of its own has the one before it, or the first", () => {
  expect(tiles([2, 4])).toEqual([
    [
      [0, 2, 4],
      [1, 4, 6],
    ],
    [[1, 100, 104]],
  ]);
  expect(tiles([100])).toEqual([[[0, 2, 6]], [[0, 100, 104]]]);
});

test("an image of the pause between, or of the very end, has no tile", () => {
  expect(tiles([2, 50, 60, 100, 103.995, 200])).toEqual([[[0, 2, 6]], [[3, 100, 104]]]);
});

test("the wall clock of each stretch is its own", () => {
  expect(
    tileStretches(brokenRecording(), [2, 100]).map(({ discontinuities, zeroMs }) => [discontinuities, zeroMs]),
  ).toEqual([
    [0, 1_699_999_998_000],
    [1, 1_699_999_998_000],
  ]);
});

test("sound alone has none, nor has a recording without images", () => {
  expect(tiles([])).toEqual([]);
  const presentation = present({ tracks: ["audio"] });
  const sound = makeSound({ seconds: 3 });
  beginTrack(presentation, "audio0", sound);
  feed(presentation, { audio0: [sound, sound.chunks] });
  presentation.finish();
  expect(tileStretches(presentation, [2])).toEqual([]);
});

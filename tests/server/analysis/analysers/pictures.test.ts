import { expect, test } from "@jest/globals";
import { builtIn } from "../../../../server/analysis/analysers/all.ts";
import type { Finding } from "../../../../server/analysis/finding.ts";
import type { AnalyserName } from "../../../../server/protocol/analysis.ts";
import { picture } from "../../../helpers/analysis-frames.ts";

const FPS = 5;
const flat = (luma: number) => () => luma;
const noisy = (luma: number) => (x: number, y: number) => luma + ((x * 7 + y * 3) % 5);
/** A bright square that goes to the right and back. */
const moving = (at: number) => (x: number, y: number) => {
  const left = 24 - Math.abs(24 - (at % 48));
  return y < 9 && x >= left && x < left + 8 ? 220 : 60;
};

/** What an analyser finds in pictures that come five times a second; `of` paints the one with this number. */
function found(name: AnalyserName, count: number, of: (at: number) => (x: number, y: number) => number): Finding[] {
  const [analyser] = builtIn([name]);
  if (analyser === undefined) throw new Error("there is no such analyser");
  return Array.from({ length: count }, (_, at) => analyser.analyze(picture(at / FPS, of(at)))).flat();
}

const told = (findings: readonly Finding[], type: string) =>
  findings.filter((each) => each.type === type).map(({ shape, time }) => [shape, time]);

test("black is a range from the first black picture to the first that is not, from a second on", () => {
  const isBlack = (at: number) => at >= 10 && at < 30;
  expect(
    told(
      found("black", 40, (at) => (isBlack(at) ? noisy(16) : noisy(90))),
      "black",
    ),
  ).toEqual([
    ["begin", 2],
    ["end", 6],
  ]);
});

test("a blink is not black, nor is a dark picture with a lamp in it", () => {
  expect(found("black", 40, (at) => (at >= 10 && at < 13 ? flat(16) : flat(90)))).toEqual([]);
  expect(found("black", 40, () => (x, y) => (x < 8 && y < 6 ? 200 : 16))).toEqual([]);
});

test("a picture that stands still is a range from the first of the same on, from two seconds on", () => {
  expect(
    told(
      found("freeze", 40, (at) => (at >= 10 && at < 30 ? moving(10) : moving(at))),
      "freeze",
    ),
  ).toEqual([
    ["begin", 2],
    ["end", 6],
  ]);
  expect(found("freeze", 20, moving)).toEqual([]);
});

test("a cut is one point, however different the pictures after it; neither motion nor a fade is one", () => {
  const cut = found("scene", 40, (at) => (at < 20 ? noisy(60) : noisy(180)));
  expect(cut).toEqual([{ type: "scene", shape: "point", data: { change: expect.closeTo(0.47, 2) } }]);
  expect(found("scene", 40, moving)).toEqual([]);
  expect(found("scene", 40, (at) => flat(20 + at * 5))).toEqual([]);
});

test("motion is a range that outlasts a short rest, and a level once a second", () => {
  const findings = found("motion", 60, (at) => (at >= 10 && at < 20 ? moving(at) : moving(0)));
  expect(told(findings, "motion")).toEqual([
    ["begin", 2],
    ["end", 4],
  ]);
  const levels = findings.filter(({ type }) => type === "motion-level").map(({ data }) => data?.level);
  expect(levels).toHaveLength(11);
  expect(levels.filter((level) => level === 0)).toHaveLength(8);
});

test("noise is no motion", () => {
  expect(
    told(
      found("motion", 20, (at) => noisy(100 + (at % 3))),
      "motion",
    ),
  ).toEqual([]);
});

test("brightness is told once a second, from 0 to 1", () => {
  const findings = found("brightness", 16, (at) => flat(at < 8 ? 16 : 235));
  expect(findings.map(({ shape, data }) => [shape, data?.level])).toEqual([
    ["sample", 0],
    ["sample", 1],
    ["sample", 1],
  ]);
});

test("pictures of another size are not compared", () => {
  const [analyser] = builtIn(["scene"]);
  const small = picture(0, flat(20));
  expect(analyser?.analyze(small)).toEqual([]);
  const { y } = small.planes;
  const large = {
    ...picture(1, flat(230)),
    planes: { ...small.planes, y: new Uint8Array(y.byteLength * 2).fill(230) },
  };
  expect(analyser?.analyze(large)).toEqual([]);
});

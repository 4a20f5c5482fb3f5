import { expect, test } from "@jest/globals";
import { formatLadderEntry, parseLadder } from "../../../server/protocol/ladder.ts";

test("reads original, boxes, and boxes with a frame rate or a bit rate, in the order given", () => {
  expect(parseLadder("1280x720-30,ORIGINAL, 640x360-15~800,320x180~200,160x90")).toEqual([
    { original: false, width: 1280, height: 720, fps: 30 },
    { original: true },
    { original: false, width: 640, height: 360, fps: 15, kbps: 800 },
    { original: false, width: 320, height: 180, kbps: 200 },
    { original: false, width: 160, height: 90 },
  ]);
});

test("rounds odd sides up to even ones", () => {
  expect(parseLadder("853x481")).toEqual([{ original: false, width: 854, height: 482 }]);
});

test("keeps a frame rate that is no whole number", () => {
  expect(parseLadder("640x360-29.97")).toEqual([{ original: false, width: 640, height: 360, fps: 29.97 }]);
});

test("writes an entry as it is read", () => {
  const written = "ORIGINAL,1280x720-30,640x360-15~800,320x180~200,160x90";
  expect(parseLadder(written).map(formatLadderEntry).join(",")).toBe(written);
});

const refused: readonly [text: string, message: string][] = [
  ["", "an entry is empty"],
  ["ORIGINAL,", "an entry is empty"],
  ["720p", '"720p" is no entry'],
  ["original", '"original" is no entry'],
  ["640x360-", '"640x360-" is no entry'],
  ["640x360~800-15", '"640x360~800-15" is no entry'],
  ["640x360~1.5", '"640x360~1.5" is no entry'],
  ["ORIGINAL~800", '"ORIGINAL~800" is no entry'],
  ["640x-360", '"640x-360" is no entry'],
  ["640x8", '"640x8": height must be from 16 to 8192'],
  ["99999x360", '"99999x360": width must be from 16 to 8192'],
  ["640x360-0", '"640x360-0": fps must be from 1 to 240'],
  ["640x360~1", '"640x360~1": kbps must be from 10 to 240000'],
  ["ORIGINAL,ORIGINAL", "ORIGINAL is there twice"],
  ["640x360,639x359", "640x360 is there twice"],
];

for (const [text, message] of refused) {
  test(`refuses "${text}"`, () => {
    expect(() => parseLadder(text)).toThrow(message);
  });
}

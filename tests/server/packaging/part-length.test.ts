import { expect, test } from "@jest/globals";
import { fittingPart, PartLength, partTarget } from "../../../server/packaging/part-length.ts";
import { segmentOf } from "../../helpers/segments.ts";

test.each([
  { chunks: "30 frames per second", wished: 0.2, chunk: 1 / 30, is: 0.2 },
  { chunks: "25 frames per second", wished: 0.2, chunk: 1 / 25, is: 0.2 },
  { chunks: "24 frames per second", wished: 0.2, chunk: 1 / 24, is: 0.2 },
  { chunks: "15 frames per second", wished: 0.2, chunk: 1 / 15, is: 0.2 },
  { chunks: "two frames of AAC", wished: 0.2, chunk: 2048 / 48_000, is: 0.2 },
  { chunks: "12 frames per second", wished: 0.2, chunk: 1 / 12, is: 2 / 12 },
  { chunks: "8 frames per second", wished: 0.2, chunk: 1 / 8, is: 2 / 8 },
  { chunks: "one frame per second", wished: 0.2, chunk: 1, is: 1 },
  { chunks: "30 frames per second", wished: 0.02, chunk: 1 / 30, is: 1 / 30 },
])("with chunks of $chunks, parts of $wished s last $is s", ({ wished, chunk, is }) => {
  expect(fittingPart(wished, chunk)).toBeCloseTo(is, 9);
});

test("what is announced is a little longer than parts are, in whole milliseconds", () => {
  expect([0.2, 0.5, 1, 1 / 30].map(partTarget)).toEqual([0.214, 0.535, 1.07, 0.036]);
});

test("the first whole segment decides, and its own parts are not listed when they are of another length", () => {
  const length = new PartLength(0.2);
  expect([length.seconds, length.target]).toEqual([0.2, 0.214]);
  length.learn(segmentOf(7), 1);
  expect([length.seconds, length.target, length.fits(7), length.fits(8)]).toEqual([1, 1.07, false, true]);
  length.learn(segmentOf(8), 1 / 30);
  expect(length.target).toBe(1.07);
});

test("parts that are as long as wished are listed from the first segment on", () => {
  const length = new PartLength(0.2);
  length.learn(segmentOf(7), 1 / 30);
  expect(length.fits(7)).toBe(true);
});

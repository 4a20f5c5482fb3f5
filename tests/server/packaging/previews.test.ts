import { describe, expect, test } from "@jest/globals";
import { type PreviewImage, Previews } from "../../../server/packaging/previews.ts";

const image = Buffer.from("image");

/** Previews every 5 s, and what they kept. */
function make(past: readonly number[] = []): { previews: Previews; kept: PreviewImage[] } {
  const kept: PreviewImage[] = [];
  const keeper = { preview: (each: PreviewImage) => void kept.push(each) };
  return { previews: new Previews({ everySeconds: 5, keeper, past }), kept };
}

test("images are counted from 0, and the newest is there", () => {
  const { previews, kept } = make();
  expect([previews.newest, previews.due]).toEqual([undefined, undefined]);
  previews.add(image, 2.02);
  previews.add(image, 7.03);
  expect(previews.newest).toEqual({ number: 1, seconds: 7.03, bytes: image });
  expect(kept.map(({ number, seconds }) => [number, seconds])).toEqual([
    [0, 2.02],
    [1, 7.03],
  ]);
});

describe("the next one is due", () => {
  test("at a multiple of the distance from the first one, however late others were", () => {
    const { previews } = make();
    previews.add(image, 2);
    expect(previews.due).toBe(7);
    previews.add(image, 8.5);
    expect(previews.due).toBe(12);
    previews.add(image, 40);
    expect(previews.due).toBe(42);
  });

  test("also when the last one seems to be a little early", () => {
    const { previews } = make();
    previews.add(image, 2.004);
    previews.add(image, 7);
    expect(previews.due).toBeCloseTo(12.004, 6);
  });
});

test("one that a run of the encoder makes again is dropped", () => {
  const { previews, kept } = make();
  previews.add(image, 2);
  previews.add(image, 2);
  previews.add(image, 6.9);
  previews.add(image, 1);
  expect(kept).toHaveLength(1);
});

test("a later life of the server goes on with the numbers and with the grid", () => {
  const { previews, kept } = make([2, 7, 12.01]);
  expect(previews.due).toBe(17);
  previews.add(image, 12.01);
  previews.add(image, 17.01);
  expect(kept.map(({ number }) => number)).toEqual([3]);
});

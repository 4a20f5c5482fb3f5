import { expect, test } from "@jest/globals";
import { NewestImage } from "../../../../web/player/frames/newest-image.ts";
import { settle } from "../../../helpers/eventually.ts";

/** Decodes when the test says so; the bitmap of an image is its first byte. */
function imagesAtHand() {
  const decoding: { readonly done: () => void; readonly bad: () => void }[] = [];
  const shown: number[] = [];
  const freed: number[] = [];
  const images = new NewestImage<number>({
    decode: (data) =>
      new Promise((resolve, reject) => {
        const [number = 0] = new Uint8Array(data);
        decoding.push({ done: () => resolve(number), bad: () => reject(new Error("no image")) });
      }),
    show: (bitmap) => shown.push(bitmap),
    free: (bitmap) => freed.push(bitmap),
  });
  const offer = (number: number) => images.offer(Uint8Array.of(number).buffer);
  return { images, decoding, shown, freed, offer };
}

test("one is decoded at a time, and of those that came meanwhile the newest is next", async () => {
  const { images, decoding, shown, offer } = imagesAtHand();
  for (const number of [1, 2, 3, 4]) offer(number);
  expect(decoding).toHaveLength(1);
  decoding[0]?.done();
  await settle();
  expect(shown).toEqual([1]);
  expect(decoding).toHaveLength(2);
  decoding[1]?.done();
  await settle();
  expect(shown).toEqual([1, 4]);
  expect(images.skipped).toBe(2);
});

test("what is no image is left out, and the next one is shown", async () => {
  const { images, decoding, shown, offer } = imagesAtHand();
  offer(1);
  decoding[0]?.bad();
  await settle();
  offer(2);
  decoding[1]?.done();
  await settle();
  expect(shown).toEqual([2]);
  expect(images.skipped).toBe(1);
});

test("closed while one is decoded it frees that one and takes no more", async () => {
  const { images, decoding, shown, freed, offer } = imagesAtHand();
  offer(1);
  offer(2);
  images.close();
  offer(3);
  decoding[0]?.done();
  await settle();
  expect([shown, freed, decoding.length]).toEqual([[], [1], 1]);
});

import { expect, test } from "@jest/globals";
import { TextCache } from "../../../server/delivery/text-cache.ts";
import { present } from "../../helpers/presentation.ts";

/** Writes a new text each time it is asked. */
function counter() {
  let written = 0;
  return () => `text ${++written}`;
}

test("a text is written once for each version", () => {
  const cache = new TextCache();
  const presentation = present();
  const write = counter();
  expect([cache.get(presentation, "master", write), cache.get(presentation, "master", write)]).toEqual([
    "text 1",
    "text 1",
  ]);
  presentation.finish();
  expect(cache.get(presentation, "master", write)).toBe("text 2");
});

test("names and presentations have texts of their own", () => {
  const cache = new TextCache();
  const presentation = present();
  const write = counter();
  const texts = [
    cache.get(presentation, "master", write),
    cache.get(presentation, "video0", write),
    cache.get(present(), "master", write),
  ];
  expect(texts).toEqual(["text 1", "text 2", "text 3"]);
  expect(cache.get(presentation, "master", write)).toBe("text 1");
});

test("under ever new names it stays bounded", () => {
  const cache = new TextCache();
  const presentation = present();
  const write = counter();
  for (let name = 0; name < 65; name++) cache.get(presentation, `http://host-${name}/time`, write);
  expect(cache.get(presentation, "http://host-64/time", write)).toBe("text 65");
  expect(cache.get(presentation, "http://host-0/time", write)).toBe("text 66");
});

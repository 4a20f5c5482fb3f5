import { gunzipSync } from "node:zlib";
import { expect, test } from "@jest/globals";
import { CachedText } from "../../../server/core/cached-text.ts";
import { TextCache } from "../../../server/delivery/text-cache.ts";
import type { Presentation } from "../../../server/packaging/presentation.ts";
import { present } from "../../helpers/presentation.ts";

/** Asks a cache for texts that say how many have been written. */
function counting() {
  const cache = new TextCache();
  let written = 0;
  return (presentation: Presentation, name: string) =>
    cache.get(presentation, name, () => `text ${++written}`).plain.toString();
}

test("a text is written once for each version", () => {
  const get = counting();
  const presentation = present();
  expect([get(presentation, "master"), get(presentation, "master")]).toEqual(["text 1", "text 1"]);
  presentation.finish();
  expect(get(presentation, "master")).toBe("text 2");
});

test("names and presentations have texts of their own", () => {
  const get = counting();
  const presentation = present();
  const texts = [get(presentation, "master"), get(presentation, "video0"), get(present(), "master")];
  expect(texts).toEqual(["text 1", "text 2", "text 3"]);
  expect(get(presentation, "master")).toBe("text 1");
});

test("under ever new names it stays bounded", () => {
  const get = counting();
  const presentation = present();
  for (let name = 0; name < 65; name++) get(presentation, `http://host-${name}/time`);
  expect(get(presentation, "http://host-64/time")).toBe("text 65");
  expect(get(presentation, "http://host-0/time")).toBe("text 66");
});

test("a text is compressed once, and is the same", () => {
  const text = new CachedText("#EXTM3U\n".repeat(100));
  expect(gunzipSync(text.gzipped).equals(text.plain)).toBe(true);
  expect(text.gzipped.byteLength).toBeLessThan(text.plain.byteLength / 4);
  expect(text.gzipped).toBe(text.gzipped);
});

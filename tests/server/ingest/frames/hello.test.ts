import { expect, test } from "@jest/globals";
import { readHello } from "../../../../server/ingest/frames/hello.ts";
import { jpegHeader } from "../../../helpers/images.ts";

const read = (text: string) => readHello(Buffer.from(text));

test("names the channel, with a key or without, whatever else it says", () => {
  expect(read('{"channel":"cam"}')).toEqual({ channel: "cam", key: undefined });
  expect(read('{"channel":"cam","key":"secret","fps":60}')).toEqual({ channel: "cam", key: "secret" });
});

test("an image is no hello", () => {
  expect(readHello(jpegHeader(160, 90))).toBeUndefined();
  expect(read("")).toBeUndefined();
});

test.each([
  ["{", /no JSON/],
  ["{}", /channel/],
  ['{"channel":"no/name"}', /channel/],
  ['{"channel":"live"}', /channel/],
  ['{"channel":7}', /channel/],
  [`{"channel":"cam","key":"${"x".repeat(257)}"}`, /key/],
  [`{"channel":"cam","more":"${"x".repeat(5000)}"}`, /too long/],
])("%.40s is refused in words", (text, words) => {
  expect(() => read(text)).toThrow(words);
  expect(() => read(text)).toThrow(/names no channel/);
});

import { describe, expect, test } from "@jest/globals";
import { formatWebVtt } from "../../../server/media/webvtt.ts";
import { loadThumbnails, parseThumbnails, thumbnailAt } from "../../../web/player/thumbnails.ts";
import { browserGlobals } from "../../helpers/browser-globals.ts";

const ADDRESS = "http://host/recordings/id/previews/thumbnails.vtt";
const track = formatWebVtt([
  { start: 0, end: 5, text: "0.jpg" },
  { start: 5, end: 10, text: "1.jpg" },
  { start: 3_600.5, end: 3_605, text: "2.jpg" },
]);

test("the server's own track is read, with addresses beside it", () => {
  expect(parseThumbnails(track, ADDRESS)).toEqual([
    { start: 0, end: 5, url: "http://host/recordings/id/previews/0.jpg" },
    { start: 5, end: 10, url: "http://host/recordings/id/previews/1.jpg" },
    { start: 3_600.5, end: 3_605, url: "http://host/recordings/id/previews/2.jpg" },
  ]);
});

test("times without hours and other line ends are read, too, and what is no cue is left out", () => {
  const text =
    "WEBVTT\r\n\r\nNOTE made by hand\r\n\r\n1\r\n00:01.000 --> 00:02.000\r\na.jpg\r\n\r\n00:02.000 --> x\r\nb.jpg\r\n";
  expect(parseThumbnails(text, ADDRESS).map(({ start, url }) => [start, url])).toEqual([
    [1, "http://host/recordings/id/previews/a.jpg"],
  ]);
  expect(parseThumbnails("<!doctype html>", ADDRESS)).toEqual([]);
  expect(parseThumbnails("WEBVTT\n\n00:01.000 --> 00:02.000", ADDRESS)).toEqual([]);
});

describe("the picture for a place is", () => {
  const thumbnails = parseThumbnails(track, ADDRESS);
  test.each([
    [0, 0],
    [4.99, 0],
    [5, 1],
    [3_000, 1],
    [3_601, 2],
    [9_999, 2],
    [-1, 0],
  ])("at %d s number %d", (time, number) => {
    expect(thumbnailAt(thumbnails, time)).toBe(thumbnails[number]);
  });

  test("none when there are none", () => {
    expect(thumbnailAt([], 3)).toBeUndefined();
  });
});

describe("a recording without such a track", () => {
  test.each([
    ["is answered with 404", async () => new Response("", { status: 404 })],
    ["cannot be reached", () => Promise.reject(new TypeError("failed"))],
  ])("%s and has no pictures", async (_, fetch) => {
    using _globals = browserGlobals({ fetch });
    expect(await loadThumbnails(ADDRESS, new AbortController().signal)).toEqual([]);
  });
});

import { existsSync } from "node:fs";
import { appendFile, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { dashChecker } from "../../scripts/check/dash/checker.ts";
import { hlsChecker } from "../../scripts/check/hls/checker.ts";
import { ResumablePublisher } from "../../scripts/publish/resumable-publisher.ts";
import { readImageInfo } from "../../server/media/image-info.ts";
import { startTestApp, type TestApp } from "../helpers/app.ts";
import { clips } from "../helpers/clips.ts";
import { eventually } from "../helpers/eventually.ts";
import { FramesPublisher } from "../helpers/frames.ts";
import { makeImages } from "../helpers/images.ts";
import { finishedOn, readyOn } from "../helpers/millrace.ts";
import { fetchText } from "../helpers/playlists.ts";
import { publishHttp, SocketPublisher } from "../helpers/publish.ts";
import { broken } from "../helpers/verdicts.ts";

const SIZE = { width: 160, height: 160 };
const clip = clips["H.264 and Opus in Matroska"](10);

const start = (settings: Readonly<Record<string, string>> = {}): Promise<TestApp> =>
  startTestApp({
    MILLRACE_PREVIEW_SECONDS: "2",
    MILLRACE_PREVIEW_SIZE: `${SIZE.width}x${SIZE.height}`,
    ...settings,
  });

/** What a recording's folder says of its preview images, and that each of them is whole. */
async function kept(place: string): Promise<unknown> {
  const names = await readdir(join(place, "previews"));
  for (const name of names.filter((each) => each.endsWith(".jpg"))) {
    expect(readImageInfo(await readFile(join(place, "previews", name)))).toEqual({ codec: "mjpeg", ...SIZE });
  }
  expect(names.filter((name) => name.endsWith(".part"))).toEqual([]);
  return JSON.parse(await readFile(join(place, "previews/index.json"), "utf8"));
}

/** Begin and text of each cue, and the end of the last. */
function cuesOf(track: string): unknown {
  return [...track.matchAll(/^00:(\d\d):(\d\d\.\d{3}) --> 00:00:(\d\d\.\d{3})\n(.+)$/gm)].map(
    ([, , from, to, text]) => [Math.round(Number(from)), Math.round(Number(to)), text],
  );
}

test("ten seconds leave five images, their index, a track of them and a cover, all of which can be fetched", async () => {
  await using app = await start();
  await publishHttp(app.url, "channel", clip);
  const { id } = await finishedOn(app.url, "channel");
  const place = app.folderOf("channel", id);
  expect(await kept(place)).toEqual({ index_start: 0, count: 5, pattern: "%d.jpg" });
  expect((await readdir(join(place, "previews"))).toSorted()).toEqual([
    "0.jpg",
    "1.jpg",
    "2.jpg",
    "3.jpg",
    "4.jpg",
    "index.json",
    "playlist.m3u8",
    "thumbnails.vtt",
  ]);
  const track = await fetch(`${app.url}/recordings/${id}/previews/thumbnails.vtt`);
  expect(track.headers.get("content-type")).toBe("text/vtt; charset=utf-8");
  expect(track.headers.get("cache-control")).toBe("no-cache");
  const text = await track.text();
  expect(text.startsWith("WEBVTT\n\n")).toBe(true);
  expect(cuesOf(text)).toEqual([
    [0, 2, "0.jpg"],
    [2, 4, "1.jpg"],
    [4, 6, "2.jpg"],
    [6, 8, "3.jpg"],
    [8, 10, "4.jpg"],
  ]);
  const playlist = await fetchText(`${app.url}/recordings/${id}/previews/playlist.m3u8`);
  expect(playlist.match(/^\d\.jpg$/gm)).toEqual(["0.jpg", "1.jpg", "2.jpg", "3.jpg", "4.jpg"]);
  expect(await broken(hlsChecker, `${app.url}/recordings/${id}/master.m3u8`)).toEqual([]);
  expect(await broken(dashChecker, `${app.url}/recordings/${id}/manifest.mpd`)).toEqual([]);
  const image = await fetch(`${app.url}/recordings/${id}/previews/4.jpg`);
  expect(image.headers.get("content-type")).toBe("image/jpeg");
  expect(image.headers.get("cache-control")).toContain("immutable");
  const cover = await fetch(`${app.url}/recordings/${id}/preview.jpg`);
  expect(Buffer.from(await cover.arrayBuffer()).equals(await readFile(join(place, "previews/1.jpg")))).toBe(true);
  expect((await fetch(`${app.url}/recordings/${id}/previews/times`)).status).toBe(404);
});

test("the newest image of what is live can be asked for again and again, and is gone with the channel", async () => {
  await using app = await start({
    MILLRACE_RECORD: "off",
    // The shortest window that there may be.
    MILLRACE_SEGMENT_SECONDS: "0.5",
    MILLRACE_WINDOW_SECONDS: "4.5",
  });
  const address = `${app.url}/live/channel/preview.jpg`;
  expect((await fetch(address)).status).toBe(404);
  const publisher = await SocketPublisher.connect(app.url, "channel");
  await publisher.send(clip.subarray(0, clip.byteLength / 2));
  await eventually("there is an image", async () => (await fetch(address)).ok);
  const first = await fetch(address);
  expect(first.headers.get("content-type")).toBe("image/jpeg");
  expect(first.headers.get("cache-control")).toBe("no-cache");
  expect(first.headers.get("access-control-allow-origin")).toBe("*");
  expect(readImageInfo(new Uint8Array(await first.arrayBuffer()))).toEqual({ codec: "mjpeg", ...SIZE });
  await publisher.send(clip.subarray(clip.byteLength / 2));
  await publisher.end();
  await eventually(
    "the last image is there",
    async () => (await fetch(address)).headers.get("etag")?.endsWith('-4"') === true,
  );
  const tag = (await fetch(address)).headers.get("etag") ?? "";
  const known = await fetch(address, { headers: { "if-none-match": `"other", W/${tag}` } });
  expect([known.status, known.headers.get("etag")]).toEqual([304, tag]);
  expect((await fetch(address, { headers: { "if-none-match": '"other"' } })).status).toBe(200);
  await eventually("it is gone", async () => (await fetch(address)).status === 404);
  expect((await fetch(`${app.url}/live/no%20name/preview.jpg`)).status).toBe(400);
});

test("a channel of images has one, too", async () => {
  await using app = await start({ MILLRACE_FRAMES_PORT: "0" });
  const publisher = await FramesPublisher.connect(app.framesUrl);
  publisher.send(...makeImages("png", 5));
  await eventually("there is an image", async () => (await fetch(`${app.url}/live/frames/preview.jpg`)).ok);
  await publisher.end();
});

test("with 0 seconds there are none, and everything else is as ever", async () => {
  await using app = await start({ MILLRACE_PREVIEW_SECONDS: "0" });
  await publishHttp(app.url, "channel", clip);
  const { id } = await finishedOn(app.url, "channel");
  expect(await readdir(app.folderOf("channel", id))).not.toContain("previews");
  expect((await fetch(`${app.url}/live/channel/preview.jpg`)).status).toBe(404);
  expect((await fetch(`${app.url}/recordings/${id}/preview.jpg`)).status).toBe(404);
  expect((await fetch(`${app.url}/recordings/${id}/master.m3u8`)).status).toBe(200);
});

test("after a restart of the server the numbers go on, also behind a line that was cut off", async () => {
  await using app = await start();
  const publisher = new ResumablePublisher(app.url, "channel");
  publisher.send(clip.subarray(0, Math.floor(clip.byteLength * 0.6)));
  await publisher.allAcknowledged();
  await readyOn(app.url, "channel");
  const place = app.folderOf("channel", publisher.broadcast);
  await eventually("there are images", async () => existsSync(join(place, "previews/1.jpg")));
  await app.stop();
  await appendFile(join(place, "previews/times"), "9999.9");
  const before = await readFile(join(place, "previews/0.jpg"));

  await app.start();
  publisher.url = app.url;
  await eventually("it is back", () => publisher.connections === 2);
  publisher.send(clip.subarray(publisher.produced));
  expect((await publisher.end()).code).toBe(1000);
  await finishedOn(app.url, "channel");
  expect(await kept(place)).toEqual({ index_start: 0, count: 5, pattern: "%d.jpg" });
  expect((await readFile(join(place, "previews/0.jpg"))).equals(before)).toBe(true);
  expect(cuesOf(await readFile(join(place, "previews/thumbnails.vtt"), "utf8"))).toHaveLength(5);
});

import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { beforeAll, describe, expect, test } from "@jest/globals";
import { until } from "../../scripts/example/until.ts";
import { findOnsets, makeFlashAndBeep } from "../helpers/av-sync.ts";
import { clips, keysEvery } from "../helpers/clips.ts";
import { oneForAll } from "../helpers/lifetime.ts";
import { makeMedia } from "../helpers/media-ffmpeg.ts";
import { finishedOn, liveOn, startMillrace } from "../helpers/millrace.ts";
import { fetchText, type ReadPlaylist, readHls, readRecording, secondsOf } from "../helpers/playlists.ts";
import { publishHttp, SocketPublisher } from "../helpers/publish.ts";
import { serveFolder } from "../helpers/static-server.ts";

const FRAME_SECONDS = 1 / 30;
/** Three segments, and what is read of the broadcast while it is live. */
const READ_SECONDS = 16;

const millrace = oneForAll(() => startMillrace({ MILLRACE_LADDER: "ORIGINAL,160x90-15~200" }));

/** Publishes a whole clip and reads the playlists of its recording. */
async function play(channel: string, clip: Uint8Array): Promise<Map<string, ReadPlaylist>> {
  expect(await publishHttp(millrace().url, channel, clip)).toMatchObject({ status: 201 });
  const { id } = await finishedOn(millrace().url, channel, 60_000);
  return readRecording(millrace().url, id);
}

function need(playlists: Map<string, ReadPlaylist>, track: string): ReadPlaylist {
  const playlist = playlists.get(track);
  if (playlist === undefined) throw new Error(`no playlist of ${track}`);
  return playlist;
}

/** FFmpeg's words about decoding what plays at an address: none when all is well. */
async function decodingErrors(address: string, options: readonly string[] = []): Promise<string> {
  // Not waited for synchronously: the address may be served by this very process.
  const child = spawn("ffmpeg", ["-v", "error", ...options, "-i", address, "-map", "0", "-f", "null", "-"], {
    stdio: ["ignore", "ignore", "pipe"],
    timeout: 60_000,
  });
  const words = text(child.stderr);
  const [code] = await once(child, "exit");
  return `${await words}${code === 0 ? "" : `exit ${code}`}`;
}

describe("segments of a transcoded broadcast", () => {
  let playlists: Map<string, ReadPlaylist>;
  beforeAll(async () => {
    playlists = await play("vp8", clips["VP8 and Opus in WebM"](12));
  });

  test("are 2.000 s long, give or take a frame, on both rungs", () => {
    for (const track of ["video0", "video1"]) {
      const { segments, targetSeconds } = need(playlists, track);
      expect(targetSeconds).toBe(2);
      expect(segments).toHaveLength(6);
      for (const { seconds } of segments.slice(0, -1)) expect(Math.abs(seconds - 2)).toBeLessThan(FRAME_SECONDS);
    }
  });

  test("begin at the same times on both rungs, one of them at 15 fps, and in the sound", () => {
    const starts = (track: string) => need(playlists, track).segments.map(({ start }) => start);
    expect(starts("video1")).toEqual(starts("video0").map((start) => expect.closeTo(start, 2)));
    expect(starts("audio0")).toEqual(starts("video0").map((start) => expect.closeTo(start, 1)));
  });
});

describe("segments of a passed-through broadcast", () => {
  test("are 1 to 3 s long and do not drift in ten minutes", async () => {
    const video = ["-c:v", "libx264", "-preset", "ultrafast", "-s", "64x36", "-bf", "0", ...keysEvery(1.043)];
    const clip = makeMedia({ seconds: 610, video, output: ["-f", "matroska", "-live", "1"] });
    const { segments, targetSeconds } = need(await play("long", clip), "video0");
    expect(targetSeconds).toBe(3);
    for (const { seconds } of segments.slice(0, -1)) {
      expect(seconds).toBeGreaterThanOrEqual(1);
      expect(seconds).toBeLessThanOrEqual(3);
    }
    expect(Math.abs((segments[300]?.start ?? 0) - 600)).toBeLessThan(1.5);
  });

  test("have the same boundaries on a rung that is encoded at 15 fps", async () => {
    const playlists = await play("h264", clips["H.264 and Opus in Matroska"](12));
    const starts = (track: string) => need(playlists, track).segments.map(({ start }) => start);
    expect(starts("video0").length).toBeGreaterThanOrEqual(5);
    expect(starts("video1")).toEqual(starts("video0").map((start) => expect.closeTo(start, 2)));
  });
});

test("a publisher with 8.3 s between key frames is encoded anew, told so, and plays", async () => {
  const publisher = await SocketPublisher.connect(millrace().url, "obs");
  const clip = clips["H.264 with 8.3 s between key frames"](12);
  await publisher.send(clip, { seconds: 12 });
  const live = await liveOn(millrace().url, "obs");
  expect(live?.notices.map(({ text }) => text).join()).toMatch(/without a key frame/);
  await publisher.end();
  const { id } = await finishedOn(millrace().url, "obs");
  const playlists = await readRecording(millrace().url, id);
  for (const track of ["video0", "video1"]) {
    const playlist = need(playlists, track);
    expect(playlist.segments.filter(({ discontinuity }) => discontinuity)).toHaveLength(1);
    expect(Math.max(...playlist.segments.map(({ seconds }) => seconds))).toBeLessThanOrEqual(playlist.targetSeconds);
    expect(secondsOf(playlist)).toBeCloseTo(12, 0);
  }
});

test("another container on the same connection goes on as a discontinuity on all tracks, without a hole", async () => {
  // Made before: what comes late has its place later.
  const both = (["H.264 and Opus in Matroska", "VP8 and Opus in WebM"] as const).map((name) => clips[name](7));
  const publisher = await SocketPublisher.connect(millrace().url, "changed");
  for (const clip of both) await publisher.send(clip);
  expect(await publisher.end()).toMatchObject({ code: 1000, texts: [] });
  const { id } = await finishedOn(millrace().url, "changed");
  for (const playlist of (await readRecording(millrace().url, id)).values()) {
    expect(playlist.segments.filter(({ discontinuity }) => discontinuity)).toHaveLength(1);
    expect(secondsOf(playlist)).toBeCloseTo(14, 0);
  }
  const mpd = await fetchText(`${millrace().url}/recordings/${id}/manifest.mpd`);
  const starts = [...mpd.matchAll(/<Period [^>]*start="PT([\d.]+)S"/g)].map(([, start]) => Number(start));
  expect(starts).toEqual([0, expect.closeTo(7, 1)]);
});

test("a recording's folder plays from any static web server, one without ranges too", async () => {
  await play("moved", clips["H.264 and Opus in Matroska"](8));
  const { id } = await finishedOn(millrace().url, "moved");
  await using server = await serveFolder(millrace().folderOf("moved", id));
  for (const file of ["master.m3u8", "manifest.mpd"]) {
    expect(await decodingErrors(`${server.url}/${file}`)).toBe("");
  }
});

describe("what FFmpeg reads, live and afterwards, over HLS and DASH, is without an error", () => {
  const kinds = ["H.264 and Opus in Matroska", "VP8 and Opus in WebM", "audio only"] as const;
  /** Its complaints by address, of each kind. */
  const said = new Map<string, Map<string, string>>();

  /** Publishes in real time and reads it everywhere. */
  async function complaints(channel: string, clip: Uint8Array): Promise<Map<string, string>> {
    const found = new Map<string, string>();
    const publisher = await SocketPublisher.connect(millrace().url, channel);
    const sending = publisher.send(clip, { pieceBytes: 4096, seconds: READ_SECONDS });
    const live = `${millrace().url}/live/${channel}`;
    await until({ what: "for three segments", limitMs: 30_000 }, async () => {
      const playlists = await readHls(`${live}/master.m3u8`).catch(() => undefined);
      return playlists !== undefined && [...playlists.values()].every(({ segments }) => segments.length >= 3)
        ? playlists
        : undefined;
    });
    const files = ["master.m3u8", "manifest.mpd"];
    const reading = Promise.all(files.map((file) => decodingErrors(`${live}/${file}`, ["-t", "3"])));
    await sending;
    // A reader that began too late for three seconds waits for the end.
    await publisher.end();
    const words = await reading;
    for (const [index, file] of files.entries()) found.set(`live ${file}`, words[index] ?? "");
    const { id } = await finishedOn(millrace().url, channel);
    const recording = `${millrace().url}/recordings/${id}`;
    for (const file of files) {
      found.set(`ended ${file}`, await decodingErrors(`${live}/${file}`));
      found.set(`recorded ${file}`, await decodingErrors(`${recording}/${file}`));
    }
    return found;
  }

  // All at once: most of the time they wait.
  beforeAll(async () => {
    const made = kinds.map((name) => ({ name, clip: clips[name](READ_SECONDS) }));
    await Promise.all(
      made.map(async ({ name, clip }) => said.set(name, await complaints(name.replaceAll(/\W+/g, "-"), clip))),
    );
  });

  test.each(kinds)("%s", (name) => {
    expect([...(said.get(name) ?? [])]).toEqual(
      ["live master.m3u8", "live manifest.mpd"]
        .concat(["ended master.m3u8", "recorded master.m3u8", "ended manifest.mpd", "recorded manifest.mpd"])
        .map((address) => [address, ""]),
    );
  });
});

test("sound and picture stay within 50 ms of each other over five minutes", async () => {
  const playlists = await play("sync", makeFlashAndBeep(305));
  const { url } = need(playlists, "video0");
  const master = url.replace(/[^/]+\/playlist\.m3u8$/, "master.m3u8");
  const { flashes, beeps } = findOnsets(master);
  expect(flashes.length).toBeGreaterThanOrEqual(300);
  const offsets = flashes.map((flash) => Math.min(...beeps.map((beep) => Math.abs(beep - flash))));
  expect(Math.max(...offsets)).toBeLessThan(0.05);
});

import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { type App, startApp } from "../../server/app.ts";
import { parseSettings } from "../../server/config.ts";
import { clips } from "../helpers/clips.ts";
import { eventually } from "../helpers/eventually.ts";
import { decodeFrames } from "../helpers/media-ffmpeg.ts";
import { finishedOn, liveOn, recordings } from "../helpers/millrace.ts";
import { readHls } from "../helpers/playlists.ts";
import { runningFfmpegs } from "../helpers/processes.ts";
import { ResumablePublisher } from "../helpers/resumable-publisher.ts";
import { type TempFolder, tempFolder } from "../helpers/temp-folder.ts";

const clip = clips["H.264 and Opus in Matroska"](20);
const vp8 = clips["VP8 and Opus in WebM"](12);

function start(folder: TempFolder, settings: Readonly<Record<string, string>> = {}): Promise<App> {
  return startApp(
    parseSettings({
      MILLRACE_PORT: "0",
      MILLRACE_DATA_DIR: folder.path,
      MILLRACE_LOG_LEVEL: "silent",
      MILLRACE_PAGES: "off",
      ...settings,
    }),
  );
}

/** Begins to publish, and waits until at least one segment can be watched. */
async function begin(app: App, bytes: Uint8Array, share: number): Promise<ResumablePublisher> {
  const publisher = new ResumablePublisher(app.url, "channel");
  publisher.send(bytes.subarray(0, Math.floor(bytes.byteLength * share)));
  await publisher.allAcknowledged();
  await eventually("it can be watched", async () => (await liveOn(app.url, "channel"))?.ready === true);
  return publisher;
}

describe.each([["passed through", clip, "mkv"] as const, ["encoded", vp8, "webm"] as const])(
  "a broadcast that is %s",
  (_, bytes, extension) => {
    test("goes on after a restart of the server and is one recording, whole in every form", async () => {
      await using folder = await tempFolder();
      const first = await start(folder);
      const publisher = await begin(first, bytes, 0.6);
      const { broadcast } = publisher;
      await first[Symbol.asyncDispose]();
      expect(runningFfmpegs()).toEqual([]);
      const place = join(folder.path, "recordings/channel", broadcast);
      expect(JSON.parse(await readFile(join(place, "broadcast.json"), "utf8"))).toMatchObject({
        state: "suspended",
        endedAt: null,
        resume: { tokenHash: expect.stringMatching(/^[0-9a-f]{64}$/), remainingMs: 30_000 },
      });

      await using second = await start(folder);
      expect(await liveOn(second.url, "channel")).toMatchObject({ id: broadcast, state: "interrupted" });
      expect(await recordings(second.url)).toMatchObject([{ id: broadcast, state: "recording" }]);
      publisher.url = second.url;
      await eventually("it is back", () => publisher.connections === 2);
      expect(await liveOn(second.url, "channel")).toMatchObject({ state: "live", interruptedSince: null });
      publisher.send(bytes.subarray(publisher.produced));
      expect((await publisher.end()).code).toBe(1000);

      expect((await finishedOn(second.url, "channel")).id).toBe(broadcast);
      expect((await readFile(join(place, `source.${extension}`))).equals(bytes)).toBe(true);
      await eventually("the copy is made", () => existsSync(join(place, `seekable.${extension}`)));
      const frames = (file: Uint8Array) => decodeFrames("matroska", file, "video").frames.length;
      expect(frames(await readFile(join(place, `seekable.${extension}`)))).toBe(frames(bytes));
      await expectPlays(second.url, broadcast, bytes);
      expect((await readdir(place, { recursive: true })).filter((name) => /\.part$|journal/.test(name))).toEqual([]);
    }, 40_000);
  },
);

/** The recording's playlists list all of the media, in both lives, with one discontinuity, and it decodes. */
async function expectPlays(url: string, id: string, bytes: Uint8Array, discontinuities = 1): Promise<void> {
  const playlists = await readHls(`${url}/recordings/${id}/master.m3u8`);
  expect([...playlists.keys()].toSorted()).toEqual(["audio0", "video0"]);
  const wanted = decodeFrames("matroska", bytes, "video").frames.length;
  for (const [name, { ended, segments }] of playlists) {
    expect([name, ended]).toEqual([name, true]);
    expect(segments.filter(({ discontinuity }) => discontinuity)).toHaveLength(discontinuities);
    const seconds = segments.reduce((sum, segment) => sum + segment.seconds, 0);
    expect(Math.abs(seconds - wanted / 30)).toBeLessThan(0.2);
  }
  const video = playlists.get("video0");
  if (video === undefined) throw new Error("there is no picture");
  expect(await framesOf(video.segments.map(({ uri }) => uri))).toBe(wanted);
}

/** How many frames a decoder makes of all segments, run by run. */
async function framesOf(uris: readonly string[]): Promise<number> {
  const runs = groupedBy(uris, (uri) => uri.slice(0, uri.lastIndexOf("/")));
  let frames = 0;
  for (const [run, own] of runs) {
    const files = await Promise.all([`${run}/init.mp4`, ...own].map(async (uri) => (await fetch(uri)).arrayBuffer()));
    const decoded = decodeFrames("mp4", Buffer.concat(files.map((file) => new Uint8Array(file))), "video");
    expect(decoded.errors).toBe("");
    frames += decoded.frames.length;
  }
  return frames;
}

function groupedBy(items: readonly string[], keyOf: (item: string) => string): Map<string, string[]> {
  const groups = new Map<string, string[]>();
  for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item]);
  return groups;
}

import { expect } from "@jest/globals";
import { decodeFrames } from "./media-ffmpeg.ts";
import { readRecording, secondsOf } from "./playlists.ts";

/** The recording's playlists list all of the media, in both lives, with one discontinuity, and it decodes. */
export async function expectPlays(url: string, id: string, bytes: Uint8Array, discontinuities = 1): Promise<void> {
  const playlists = await readRecording(url, id);
  expect([...playlists.keys()].filter((name) => name !== "video1").toSorted()).toEqual(["audio0", "video0"]);
  const wanted = decodeFrames("matroska", bytes, "video").frames.length;
  for (const [name, playlist] of playlists) {
    expect([name, playlist.ended]).toEqual([name, true]);
    expect(playlist.segments.filter(({ discontinuity }) => discontinuity)).toHaveLength(discontinuities);
    expect(Math.abs(secondsOf(playlist) - wanted / 30)).toBeLessThan(0.2);
  }
  const video = playlists.get("video0");
  if (video === undefined) throw new Error("there is no picture");
  expect(await framesOf(video.segments.map(({ uri }) => uri))).toBe(wanted);
}

/** How many frames a decoder makes of all segments, run by run. */
export async function framesOf(uris: readonly string[]): Promise<number> {
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

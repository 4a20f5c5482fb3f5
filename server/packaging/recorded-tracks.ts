import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { readBoxHeader } from "../media/box-header.ts";
import { parseChunk, parseInit, type TrackInit } from "../media/cmaf.ts";
import { type ReadSegment, readMediaPlaylist } from "../media/m3u8-reader.ts";
import { initName, PLAYLIST_NAME } from "./hls.ts";
import type { RunInit } from "./segment.ts";

/** One segment of a finished recording, as its playlist tells of it. */
export interface RecordedSegment extends Omit<ReadSegment, "uri"> {
  readonly number: number;
  readonly run: number;
  /** Where it begins for a player, which plays one segment after the other. In seconds. */
  readonly place: number;
}

/** A track of a finished recording. */
export interface RecordedTrack {
  readonly name: string;
  readonly kind: "video" | "audio";
  readonly segments: readonly RecordedSegment[];
}

/** What the bytes of a segment say. Times in ticks. */
export interface SegmentTimes {
  /** Presentation time of the first sample. */
  readonly start: number;
  readonly samples: number;
}

/** The tracks in a recording's folder that have a playlist, pictures first; none before it has its end. */
export async function readRecordedTracks(folder: string): Promise<RecordedTrack[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  const tracks = names
    .filter((name) => /^(video|audio)\d{1,3}$/.test(name))
    .toSorted((a, b) => kindOf(b).localeCompare(kindOf(a)) || a.localeCompare(b, "en", { numeric: true }))
    .map((name) => readTrack(folder, name));
  return (await Promise.all(tracks)).filter((track) => track !== undefined);
}

async function readTrack(folder: string, name: string): Promise<RecordedTrack | undefined> {
  const text = await readFile(join(folder, name, PLAYLIST_NAME), "utf8").catch(() => undefined);
  if (text === undefined) return undefined;
  let place = 0;
  const segments = readMediaPlaylist(text).flatMap(({ uri, ...segment }): RecordedSegment[] => {
    const [, run, number] = /^(\d{1,9})\/(\d{1,12})\.m4s$/.exec(uri) ?? [];
    if (run === undefined || number === undefined) return [];
    const placed = { ...segment, run: Number(run), number: Number(number), place };
    place += segment.seconds;
    return [placed];
  });
  return { name, kind: kindOf(name), segments };
}

function kindOf(name: string): "video" | "audio" {
  return name.startsWith("video") ? "video" : "audio";
}

/** The init segment of one run of a recorded track. */
export async function readRunInit(folder: string, track: string, run: number): Promise<RunInit> {
  const bytes = await readFile(join(folder, track, initName(run)));
  return { run, bytes, info: parseInit(bytes) };
}

/** Reads what the chunks of a segment say of themselves; undefined when it has none. */
export function readSegmentTimes(segment: Uint8Array, init: TrackInit): SegmentTimes | undefined {
  let start: number | undefined;
  let samples = 0;
  for (let at = 0; at < segment.byteLength; ) {
    const header = readBoxHeader(segment, at);
    if (header === undefined) break;
    if (header.type === "moof") {
      const chunk = parseChunk(segment.subarray(at, at + header.size), init);
      start ??= chunk.keyTime;
      samples += chunk.samples;
    }
    at += header.size;
  }
  return start === undefined ? undefined : { start, samples };
}

import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { clips } from "../helpers/clips.ts";
import { oneForAll } from "../helpers/lifetime.ts";
import { ffprobe, finishedOn, seekableIn, sha256, startMillrace } from "../helpers/millrace.ts";
import { publishHttp, SocketPublisher } from "../helpers/publish.ts";

const SECONDS = 5;

const cases = [
  { clip: "H.264 and Opus in Matroska", extension: "mkv", channel: "h264" },
  { clip: "VP8 and Opus in WebM", extension: "webm", channel: "vp8" },
  { clip: "VP9 in WebM", extension: "webm", channel: "vp9" },
  { clip: "video only", extension: "mkv", channel: "video-only" },
  { clip: "audio only", extension: "webm", channel: "audio-only" },
  { clip: "H.264 and AAC in fragmented MP4", extension: "mp4", channel: "mp4" },
] as const;

const millrace = oneForAll(startMillrace);

describe.each(cases)("the archive of $clip", ({ clip, extension, channel }) => {
  const bytes = clips[clip](SECONDS);

  test.each(["WebSocket", "HTTP"] as const)("is identical to what came over %s", async (way) => {
    const name = `${channel}-${way}`;
    if (way === "HTTP") {
      const answer = await publishHttp(millrace().url, name, bytes, { pieceBytes: 10_007 });
      expect(answer).toMatchObject({ status: 201, body: { channel: name } });
    } else {
      const publisher = await SocketPublisher.connect(millrace().url, name);
      await publisher.send(bytes, { pieceBytes: 10_007 });
      expect(await publisher.end()).toMatchObject({ code: 1000, texts: [] });
    }

    const recording = await finishedOn(millrace().url, name);
    const folder = millrace().folderOf(name, recording.id);
    const sources = readdirSync(folder).filter((file) => file.startsWith("source."));
    expect(sources).toEqual([`source.${extension}`]);
    expect(sha256(join(folder, `source.${extension}`))).toBe(sha256(bytes));
    expect(recording.bytes).toBe(bytes.byteLength);

    const served = await fetch(`${millrace().url}/recordings/${recording.id}/source`);
    expect(sha256(new Uint8Array(await served.arrayBuffer()))).toBe(sha256(bytes));

    const seekable = await seekableIn(folder, extension);
    const { format } = ffprobe(seekable, ["-show_entries", "format=duration"]) as { format: { duration: string } };
    expect(Number(format.duration)).toBeCloseTo(SECONDS, 0);
  });
});

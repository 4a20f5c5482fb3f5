import { describe, expect, test } from "@jest/globals";
import { CMAF } from "../../../scripts/media/cmaf.ts";
import { BoxReader } from "../../../server/media/boxes.ts";
import { type ChunkInfo, parseChunk, parseInit, type TrackInit } from "../../../server/media/cmaf.ts";
import { H264, makeMedia, type ProbedPacket, probePackets } from "../../helpers/media-ffmpeg.ts";

const B_FRAMES = [...H264, "-bf", "2", "-b_strategy", "0"];
const AAC = ["-c:a", "aac"];

interface Cut {
  readonly init: TrackInit;
  readonly chunks: readonly ChunkInfo[];
}

/** Cuts what FFmpeg wrote as the packager does. */
function cut(bytes: Uint8Array): Cut {
  const boxes = new BoxReader({ maxBoxBytes: 1 << 20 }).push(bytes);
  const header = boxes.filter(({ type }) => type === "ftyp" || type === "moov").map((box) => box.bytes);
  const init = parseInit(Buffer.concat(header));
  const chunks = boxes.filter(({ type }) => type === "moof").map((box) => parseChunk(box.bytes, init));
  return { init, chunks };
}

type Expected = Omit<ChunkInfo, "samples" | "duration">;

/** What the chunks should say, from the packets that ffprobe found in the same bytes. */
function expectedChunks({ init, chunks }: Cut, packets: readonly ProbedPacket[], probeShift: number): Expected[] {
  const ticks = (seconds: number) => Math.round(seconds * init.timescale) - probeShift;
  let at = 0;
  return chunks.map(({ samples }) => {
    const own = packets.slice(at, at + samples);
    at += samples;
    return {
      decodeTime: ticks(own[0]?.decodeTime ?? Number.NaN) + probeShift,
      presentationTime: ticks(Math.min(...own.map(({ time }) => time))),
      startsWithKey: own[0]?.key ?? false,
      keyTime: ticks(own[0]?.time ?? Number.NaN),
    };
  });
}

const offset = ["-output_ts_offset", "10"];
const streams = [
  {
    name: "H.264 without B-frames, a chunk per frame",
    bytes: () => makeMedia({ seconds: 1, video: H264, output: CMAF }),
    init: { kind: "video", timescale: 15360, codecs: "avc1.42c00b", lengthBytes: 4, width: 160, height: 90 },
    chunks: 30,
    probeShift: 0,
  },
  {
    name: "H.264 with B-frames, three frames in a chunk",
    bytes: () => makeMedia({ seconds: 1, video: B_FRAMES, output: [...CMAF, "-frag_duration", "100000", ...offset] }),
    init: { kind: "video", timescale: 15360, codecs: "avc1.4d400b", lengthBytes: 4, width: 160, height: 90 },
    chunks: 10,
    // FFmpeg's reader adds the largest negative composition offset to every presentation time; players do not.
    probeShift: 512,
  },
  {
    name: "AAC",
    bytes: () => makeMedia({ seconds: 1, audio: AAC, output: [...CMAF, ...offset] }),
    init: { kind: "audio", timescale: 48000, codecs: "mp4a.40.2", sampleRate: 48000, channels: 1 },
    chunks: 24,
    probeShift: 0,
  },
];

describe.each(streams)("$name", ({ bytes, init, chunks, probeShift }) => {
  const media = bytes();
  const read = cut(media);

  test("the init segment says what the track is", () => {
    expect(read.init).toEqual({ trackId: 1, defaults: { duration: 0, size: 0, flags: 0 }, ...init });
  });

  test("a chunk lasts until the next one", () => {
    for (const [index, { decodeTime, duration }] of read.chunks.entries()) {
      const next = read.chunks[index + 1];
      if (next !== undefined) expect(decodeTime + duration).toBe(next.decodeTime);
    }
  });

  test("every chunk says what ffprobe says of its packets", () => {
    const packets = probePackets("mp4", media);
    expect(read.chunks.length).toBe(chunks);
    const found = read.chunks.map(({ samples: _, duration: __, ...chunk }) => chunk);
    expect(found).toEqual(expectedChunks(read, packets, probeShift));
    expect(read.chunks.reduce((sum, { samples }) => sum + samples, 0)).toBe(packets.length);
  });
});

describe("names the codec of", () => {
  const TINY = ["-frames:v", "2", "-s", "64x64", "-pix_fmt", "yuv420p"];
  const codecs = [
    {
      name: "HEVC",
      video: [...TINY, "-c:v", "libx265", "-preset", "ultrafast", "-tag:v", "hvc1"],
      is: "hvc1.1.6.L30.90",
    },
    { name: "AV1", video: [...TINY, "-c:v", "libaom-av1", "-cpu-used", "8"], is: "av01.0.00M.08" },
    { name: "VP9", video: [...TINY, "-c:v", "libvpx-vp9", "-deadline", "realtime"], is: "vp09.00.10.08" },
    { name: "Opus", audio: ["-c:a", "libopus"], is: "opus" },
    { name: "MP3", audio: ["-c:a", "libmp3lame"], is: "mp4a.6b" },
  ];
  test.each(codecs)("$name", ({ video, audio, is }) => {
    const tracks = { ...(video && { video }), ...(audio && { audio }) };
    const media = makeMedia({ seconds: 0.2, ...tracks, output: ["-x265-params", "log-level=none", ...CMAF] });
    expect(cut(media).init.codecs).toBe(is);
  });
});

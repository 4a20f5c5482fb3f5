import { describe, expect, test } from "@jest/globals";
import { type ContainerFamily, sniffContainer } from "../../../server/media/container.ts";
import {
  decodeFrames,
  type Encoding,
  H264,
  makeFile,
  makeMedia,
  type ProbedPacket,
  probePackets,
  VP8,
  VP9,
} from "../../helpers/media-ffmpeg.ts";
import { fixture } from "../../helpers/media-fixtures.ts";
import { chunksOf, only, scan } from "../../helpers/media-scan.ts";

const KEYS = ["-g", "15"];
const VP8_ALPHA = [...VP8, ...KEYS, "-pix_fmt", "yuva420p", "-auto-alt-ref", "0"];
const B_FRAMES = [...H264, "-bf", "2", "-b_strategy", "0"];
const OPUS = ["-c:a", "libopus"];
const AAC = ["-c:a", "aac"];

const mp4 = (flags: string) => ["-f", "mp4", "-movflags", flags];

/** A file made at the time of the test. */
const made = (options: Omit<Encoding, "seconds">) => () => makeMedia({ seconds: 2, ...options });

const files: { readonly name: string; readonly family: ContainerFamily; readonly bytes: () => Buffer }[] = [
  {
    name: "Matroska of H.264 and Opus",
    family: "ebml",
    bytes: made({ video: H264, audio: OPUS, output: ["-f", "matroska"] }),
  },
  {
    name: "a finished Matroska file of H.264 and Opus",
    family: "ebml",
    bytes: () => makeFile({ seconds: 2, video: H264, audio: OPUS, output: ["-f", "matroska"] }),
  },
  {
    name: "live WebM of VP8 and Opus in short clusters",
    family: "ebml",
    bytes: made({
      video: [...VP8, ...KEYS],
      audio: OPUS,
      output: ["-f", "webm", "-live", "1", "-cluster_time_limit", "300"],
    }),
  },
  {
    name: "WebM of VP9",
    family: "ebml",
    bytes: made({ video: [...VP9, ...KEYS], output: ["-f", "webm"] }),
  },
  {
    name: "WebM of VP8 with transparency, in BlockGroups",
    family: "ebml",
    bytes: made({ video: VP8_ALPHA, audio: OPUS, output: ["-f", "webm"] }),
  },
  {
    name: "Matroska of H.264 with B-frames and AAC",
    family: "ebml",
    bytes: made({ video: B_FRAMES, audio: AAC, output: ["-f", "matroska"] }),
  },
  {
    name: "WebM of sound alone",
    family: "ebml",
    bytes: made({ audio: OPUS, output: ["-f", "webm"] }),
  },
  {
    name: "WebM of Chromium, its clusters without sizes",
    family: "ebml",
    bytes: () => fixture("chromium-vp9.webm"),
  },
  {
    name: "MP4 of H.264 and AAC, a fragment per key frame",
    family: "mp4",
    bytes: made({ video: H264, audio: AAC, output: mp4("frag_keyframe+empty_moov+default_base_moof") }),
  },
  {
    name: "MP4 of H.264 with B-frames, a fragment per frame",
    family: "mp4",
    bytes: made({ video: B_FRAMES, output: mp4("frag_every_frame+empty_moov+default_base_moof") }),
  },
  {
    name: "MP4 of H.264 with an edit list and segment indexes",
    family: "mp4",
    bytes: made({ video: B_FRAMES, output: mp4("frag_keyframe+delay_moov+dash") }),
  },
  {
    name: "MP4 that begins late, by an empty edit",
    family: "mp4",
    bytes: made({
      video: B_FRAMES,
      output: [...mp4("frag_keyframe+delay_moov+default_base_moof"), "-output_ts_offset", "0.5"],
    }),
  },
  {
    name: "MP4 of sound alone",
    family: "mp4",
    bytes: made({ audio: AAC, output: mp4("frag_every_frame+empty_moov+default_base_moof") }),
  },
  {
    name: "MP4 of Chromium, a fragment per group of pictures",
    family: "mp4",
    bytes: () => fixture("chromium-h264.mp4"),
  },
];

const inMilliseconds = (packets: readonly Pick<ProbedPacket, "time">[]) =>
  packets.map(({ time }) => Math.round(time * 1000));

describe.each(files)("$name", ({ family, bytes }) => {
  const media = bytes();
  const format = family === "ebml" ? "matroska" : "mp4";
  const events = scan(family, chunksOf(media, 10_000));
  const [init] = only(events, "init");
  const resyncs = only(events, "resync");
  const kind = init?.tracks.some((track) => track.kind === "video") ? "video" : "audio";

  test("is told by its first bytes", () => expect(sniffContainer(media)).toBe(family));

  test("has its key frames where ffprobe sees them", () => {
    const packets = probePackets(format, media);
    const found = only(events, "frame").filter(({ kind, key }) => kind === "video" && key);
    expect(inMilliseconds(found)).toEqual(inMilliseconds(packets.filter(({ kind, key }) => kind === "video" && key)));
    if (found.length > 0) expect(inMilliseconds(resyncs)).toEqual(inMilliseconds(found));
    expect(only(events, "damage")).toEqual([]);
  });

  test("decodes to the same pictures from a resync point on", () => {
    const whole = decodeFrames(format, media, kind);
    expect(whole.errors).toBe("");
    const resync = resyncs.at(-2);
    const head = media.subarray(init?.offset, init?.end);
    const tail = Buffer.concat([head, resync?.preamble ?? Buffer.alloc(0), media.subarray(resync?.offset)]);
    const decoded = decodeFrames(format, tail, kind);
    // The Segment of a finished file says its size, and a tail has less.
    expect(decoded.errors.replace(/^.*File ended prematurely.*\n/, "")).toBe("");
    expect(decoded.frames[0]?.time).toBeCloseTo(resync?.time ?? Number.NaN, 2);
    const end = whole.frames.slice(-decoded.frames.length);
    expect(end.length).toBeLessThan(whole.frames.length);
    // A sound's samples depend on those before them, so only their times can be the same.
    if (kind === "video") expect(decoded.frames).toEqual(end);
    else expect(decoded.frames.at(-1)?.time).toBeCloseTo(end.at(-1)?.time ?? Number.NaN, 2);
  });
});

test("fragments that count their offsets from the beginning of the file can only be read from there", () => {
  const media = makeMedia({ seconds: 2, video: H264, output: mp4("frag_keyframe+empty_moov") });
  const events = scan("mp4", [media]);
  const [init] = only(events, "init");
  expect(only(events, "resync").map(({ offset }) => offset)).toEqual([init?.end]);
  expect(only(events, "frame").filter(({ key }) => key).length).toBe(4);
});

describe("the first bytes tell", () => {
  const told = [
    { name: "EBML", bytes: Buffer.from("1a45dfa3", "hex"), family: "ebml" },
    { name: "a part of its ID", bytes: Buffer.from("1a45df", "hex"), family: undefined },
    { name: "nothing yet", bytes: Buffer.alloc(0), family: undefined },
    { name: "MP4", bytes: Buffer.from("\0\0\0\x1cftyp"), family: "mp4" },
    { name: "a part of that", bytes: Buffer.from("\0\0\0\x1cfty"), family: undefined },
    { name: "an MP4 that begins otherwise", bytes: Buffer.from("\0\0\0\x1cmoov"), family: "mp4" },
    { name: "FLV", bytes: Buffer.from("FLV\x01"), family: "flv" },
    { name: "a part of its signature", bytes: Buffer.from("FLV"), family: undefined },
    { name: "an FLV of another version", bytes: Buffer.from("FLV\x02\x05\0\0\0"), family: "unknown" },
    { name: "almost EBML", bytes: Buffer.from("1a45dfa200000000", "hex"), family: "unknown" },
  ];
  test.each(told)("$name", ({ bytes, family }) => expect(sniffContainer(bytes)).toBe(family));
});

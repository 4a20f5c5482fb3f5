import { describe, expect, test } from "@jest/globals";
import { createScanner } from "../../../server/media/container.ts";
import { FLV_TAG, writeFileHeader, writeTag } from "../../../server/media/flv-tag.ts";
import { flvs, messagesOf, tag } from "../../helpers/flv.ts";
import { decodeFrames, probePackets } from "../../helpers/media-ffmpeg.ts";
import { chunksOf, only, scan } from "../../helpers/media-scan.ts";

const header = (video: boolean, audio: boolean) => writeFileHeader({ video, audio });
const join = (...parts: readonly Uint8Array[]) => Buffer.concat(parts);
const kindsOf = (file: Uint8Array) => only(scan("flv", [file]), "init")[0]?.tracks.map(({ codec }) => codec);

const files = [
  { name: "H.264 and AAC", file: flvs.both(3), codecs: ["h264", "aac"] },
  { name: "H.264 with B-frames and AAC", file: flvs.reordered(3), codecs: ["h264", "aac"] },
  { name: "H.264 alone", file: flvs.videoOnly(3), codecs: ["h264"] },
  { name: "AAC alone", file: flvs.audioOnly(5), codecs: ["aac"] },
  { name: "H.264 and MP3", file: flvs.mp3(3), codecs: ["h264", "mp3"] },
];

describe.each(files)("$name by FFmpeg", ({ file, codecs }) => {
  const events = scan("flv", [file]);
  const packets = probePackets("flv", file);

  test("is read the same however it is cut, also at every byte", () => {
    for (const size of [1, 7, 1000]) expect(scan("flv", chunksOf(file, size))).toEqual(events);
    const start = file.subarray(0, 4000);
    const found = JSON.stringify(scan("flv", [start]));
    const other = Array.from({ length: start.byteLength - 1 }, (_, at) => at + 1).filter((at) => {
      return JSON.stringify(scan("flv", [start.subarray(0, at), start.subarray(at)])) !== found;
    });
    expect(other).toEqual([]);
  });

  test("has its tracks, with the size of the picture", () => {
    const { kind, tracks } = only(events, "init")[0] ?? { kind: "", tracks: [] };
    expect(kind).toBe("flv");
    expect(tracks.map(({ codec }) => codec).toSorted()).toEqual(codecs.toSorted());
    const picture = tracks.find((track) => track.kind === "video");
    if (picture !== undefined) expect([picture.width, picture.height]).toEqual([160, 90]);
  });

  test("has the frames and key frames that FFmpeg finds, at the same times", () => {
    const found = only(events, "frame").map(({ kind, time, key }) => ({ kind, time: time.toFixed(3), key }));
    const expected = packets.map(({ kind, time, key }) => ({ kind, time: time.toFixed(3), key }));
    expect(found).toEqual(expected);
  });

  test("can be decoded from each resync point on, as if from the beginning", () => {
    const kind = codecs[0] === "h264" ? "video" : "audio";
    const { end = 0 } = only(events, "init")[0] ?? {};
    const whole = decodeFrames("flv", file, kind).frames;
    const points = only(events, "resync");
    expect(points.length).toBeGreaterThan(1);
    for (const { offset, time } of points.slice(1, 4)) {
      const cut = join(file.subarray(0, end), file.subarray(offset));
      const { frames, errors } = decodeFrames("flv", cut, kind);
      expect(errors).toBe("");
      expect(frames[0]?.time).toBeCloseTo(time, 2);
      // Sound that is decoded from the middle on has other samples at first.
      if (kind === "video") expect(frames).toEqual(whole.slice(-frames.length));
    }
  });

  test("goes on at each resync point as if all up to there had been read", () => {
    const { end = 0 } = only(events, "init")[0] ?? {};
    for (const point of only(events, "resync").slice(1)) {
      const scanner = createScanner("flv");
      // A few bytes of the first frames complete the header.
      scanner.push(file.subarray(0, end + 2000));
      scanner.jump(point);
      expect(scanner.push(file.subarray(point.offset))).toEqual(events.slice(events.indexOf(point)));
    }
  });

  test("is read as far as it goes when it ends anywhere", () => {
    const all = JSON.stringify(events).slice(0, -1);
    for (let length = 0; length < Math.min(file.byteLength, 20_000); length += 37) {
      const part = JSON.stringify(scan("flv", [file.subarray(0, length)])).slice(0, -1);
      if (!all.startsWith(part)) throw new Error(`${length} bytes are read otherwise`);
    }
  });
});

describe("Enhanced RTMP", () => {
  const cases = [
    { name: "HEVC", first: ["hvc1"], codec: "hevc", delayed: true },
    { name: "AV1", first: ["av01"], codec: "av1", delayed: false },
    { name: "VP9", first: ["vp09"], codec: "vp9", delayed: false },
  ];
  test.each(cases)(
    "$name has key frames, and times of its own where frames are reordered",
    ({ first, codec, delayed }) => {
      const file = join(
        header(true, false),
        tag("video", 0, 0x90, ...first, "config"),
        tag("video", 0, 0x91, ...first, 0, 0, 66, "key frame"),
        tag("video", 40, 0xa3, ...first, "another"),
        tag("video", 80, 0x94, ...first, "colour"),
        tag("video", 80, 0x93, ...first, "key frame"),
        tag("video", 120, 0x92, ...first),
      );
      expect(kindsOf(file)).toEqual([codec]);
      const shown = delayed ? 0.066 : 0;
      expect(only(scan("flv", [file]), "frame").map(({ time, key }) => [time, key])).toEqual([
        [shown, true],
        [0.04, false],
        [0.08, true],
      ]);
      expect(only(scan("flv", [file]), "resync")).toHaveLength(2);
    },
  );

  test("Opus beside H.264 of the enhanced kind", () => {
    const file = join(
      header(true, true),
      tag("audio", 0, 0x90, "Opus", "OpusHead"),
      tag("video", 0, 0x90, "avc1", "config"),
      tag("audio", 0, 0x91, "Opus", "sound"),
      tag("video", 20, 0x91, "avc1", 0xff, 0xff, 0xf6, "key frame"),
    );
    expect(kindsOf(file)).toEqual(["opus", "h264"]);
    expect(only(scan("flv", [file]), "frame").map(({ kind, time }) => [kind, time])).toEqual([
      ["audio", 0],
      ["video", 0.01],
    ]);
  });

  test("several tracks in one, modifiers and command frames are passed over", () => {
    const media = [tag("video", 0, 0x17, 0, "config"), tag("video", 0, 0x17, 1, 0, 0, 0, "key frame")];
    const passed = [
      tag("video", 0, 0x96, "????"),
      tag("video", 0, 0x97, "????"),
      tag("video", 0, 0x57, 0),
      tag("audio", 0),
    ];
    const events = scan("flv", [join(header(true, false), ...media, ...passed, ...media)]);
    expect(events.map(({ type }) => type)).toEqual(["init", "resync", "frame", "resync", "frame"]);
  });
});

test("times go beyond 24 bits", () => {
  const timeMs = 0x89abcdef;
  const file = join(header(true, false), tag("video", timeMs, 0x17, 0), tag("video", timeMs, 0x17, 1, 0, 0, 0));
  expect(only(scan("flv", [file]), "frame")[0]?.time).toBe(timeMs / 1000);
});

test("a track that is announced and never comes is waited for a second", () => {
  const sound = (timeMs: number) => tag("audio", timeMs, 0xaf, 1, "sound");
  const config = tag("audio", 0, 0xaf, 0, 0x12, 0x10);
  const before = join(header(true, true), config, sound(0), sound(500));
  expect(scan("flv", [before])).toEqual([]);
  const events = scan("flv", [join(before, sound(1000))]);
  expect(events[0]).toMatchObject({ type: "init", offset: 0, end: 13 + config.byteLength, tracks: [{ codec: "aac" }] });
  expect(only(events, "frame").map(({ time }) => time)).toEqual([0, 0.5, 1]);
});

test("a second file within the stream begins an epoch of its own", () => {
  const [first, second] = [flvs.both(1), flvs.audioOnly(1)];
  const events = scan("flv", [join(first, second)]);
  const inits = only(events, "init");
  expect(inits.map(({ offset, tracks }) => [offset, tracks.length])).toEqual([
    [0, 2],
    [first.byteLength, 1],
  ]);
  expect(events).toEqual([...scan("flv", [first]), ...scan("flv", [second], first.byteLength)]);
});

const refusals = [
  { name: "tags without a file", bytes: tag("video", 0, 0x17, 0), words: "does not begin with the header" },
  {
    name: "another version",
    bytes: Buffer.from("FLV\x02\x05\0\0\0\x09\0\0\0\0", "latin1"),
    words: "not FLV of version 1",
  },
  { name: "what is no tag", bytes: join(header(true, true), Buffer.alloc(11, 1)), words: "a tag is expected" },
  {
    name: "a codec that nobody decodes",
    bytes: join(header(true, false), tag("video", 0, 0x1c, 0)),
    words: "this kind of video in FLV is not taken",
  },
  {
    name: "an unknown FourCC",
    bytes: join(header(false, true), tag("audio", 0, 0x91, "????")),
    words: "this kind of audio in FLV is not taken",
  },
];

test.each(refusals)("refuses $name", ({ bytes, words }) => {
  expect(() => scan("flv", [bytes])).toThrow(words);
});

test("a picture beyond all measure is refused", () => {
  const size = Buffer.alloc(8);
  size.writeDoubleBE(100_000);
  const number = (name: string) => [0, name.length, name, 0, size.toString("latin1")];
  const metadata = tag("script", 0, 2, 0, 10, "onMetaData", 8, 0, 0, 0, 2, ...number("width"), ...number("height"));
  const file = join(header(true, false), metadata, tag("video", 0, 0x17, 0), tag("video", 0, 0x17, 1));
  expect(() => scan("flv", [file])).toThrow("100000×100000 pixels is too large");
});

test("without metadata the picture's size is what its decoder is told", () => {
  const tags = messagesOf(flvs.videoOnly(1)).filter(({ type }) => type !== FLV_TAG.script);
  const events = scan("flv", [join(header(true, false), ...tags.map(({ body, ...at }) => writeTag(at, body)))]);
  const [init] = only(events, "init");
  expect(init?.tracks).toMatchObject([{ kind: "video", codec: "h264", width: 160, height: 90 }]);
});

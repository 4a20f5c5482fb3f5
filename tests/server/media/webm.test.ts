import { describe, expect, test } from "@jest/globals";
import { isLiveError } from "../../../server/core/errors.ts";
import { ID } from "../../../server/media/matroska-ids.ts";
import {
  blockBody,
  blockGroup,
  clusterBody,
  ebmlHeader,
  element,
  number,
  openElement,
  simpleBlock,
  tracks,
} from "../../helpers/media-ebml.ts";
import { chunksOf, only, scan } from "../../helpers/media-scan.ts";

const header = ebmlHeader();
const noise = element(ID.void, Buffer.alloc(300, 0x1f));

/** Where `part` begins in `whole`, for parts that occur once. */
function at(whole: Buffer, part: Buffer): number {
  expect(whole.indexOf(part)).toBe(whole.lastIndexOf(part));
  return whole.indexOf(part);
}

const audioFirst = simpleBlock(2, -20, true);
const lateKey = simpleBlock(1, 40, true);
const groupKey = blockGroup(1, 80, true);
const known = element(ID.cluster, clusterBody(1000, simpleBlock(1, 0, true), simpleBlock(1, 33, false)));
const mixed = element(ID.cluster, clusterBody(2000, audioFirst, simpleBlock(1, 0, false), lateKey));
const open = openElement(ID.cluster, clusterBody(3000, groupKey, noise, blockGroup(1, 120, false)));
const segment = [element(ID.seekHead, Buffer.alloc(40)), tracks(), noise, known, mixed, open, element(ID.tags)];
const second = [ebmlHeader("matroska"), openElement(ID.segment, number(ID.crc32, 7), tracks([2]))];
const after = element(ID.cluster, clusterBody(5, simpleBlock(2, 0, true)));
const stream = Buffer.concat([header, openElement(ID.segment, ...segment), ...second, after]);

/** The header of a cluster that holds only `lateKey`, and its time. */
const preamble = Buffer.from(
  `1f43b675${((1n << 56n) | BigInt(4 + lateKey.byteLength)).toString(16).padStart(16, "0")}e78207d0`,
  "hex",
);

const expected = [
  {
    type: "init",
    offset: 0,
    end: at(stream, known),
    kind: "webm",
    tracks: [
      { id: 1, kind: "video", codec: "vp8" },
      { id: 2, kind: "audio", codec: "opus", sampleRate: 8000, channels: 1 },
    ],
  },
  { type: "resync", offset: at(stream, known), time: 1 },
  { type: "frame", track: 1, kind: "video", time: 1, key: true },
  { type: "frame", track: 1, kind: "video", time: 1.033, key: false },
  { type: "frame", track: 2, kind: "audio", time: 1.98, key: true },
  { type: "frame", track: 1, kind: "video", time: 2, key: false },
  {
    type: "resync",
    offset: at(stream, lateKey),
    time: 2.04,
    preamble: new Uint8Array(preamble),
  },
  { type: "frame", track: 1, kind: "video", time: 2.04, key: true },
  { type: "resync", offset: at(stream, open), time: 3.08 },
  { type: "frame", track: 1, kind: "video", time: 3.08, key: true },
  { type: "frame", track: 1, kind: "video", time: 3.12, key: false },
  {
    type: "init",
    offset: at(stream, second[0] ?? Buffer.alloc(0)),
    end: at(stream, after),
    kind: "matroska",
    tracks: [{ id: 2, kind: "audio", codec: "opus", sampleRate: 8000, channels: 1 }],
  },
  { type: "resync", offset: at(stream, after), time: 0.005 },
  { type: "frame", track: 2, kind: "audio", time: 0.005, key: true },
];

describe("a stream of every construct", () => {
  test("gives its init bytes, frames and resync points", () => expect(scan("ebml", [stream])).toEqual(expected));

  test("gives the same wherever it is cut in two", () => {
    for (let cut = 0; cut <= stream.byteLength; cut++) {
      const events = scan("ebml", [stream.subarray(0, cut), stream.subarray(cut)]);
      expect({ cut, events }).toEqual({ cut, events: expected });
    }
  });

  test("gives the same in pieces of any one size", () => {
    for (let size = 1; size <= 30; size++) expect(scan("ebml", chunksOf(stream, size))).toEqual(expected);
  });

  test("gives a beginning of the same when it ends early", () => {
    for (let end = 0; end <= stream.byteLength; end++) {
      const events = scan("ebml", [stream.subarray(0, end)]);
      expect({ end, events }).toEqual({ end, events: expected.slice(0, events.length) });
    }
  });

  test("counts from the offset it is told", () => {
    const shifted = expected.map((event) => ({
      ...event,
      ...(event.offset !== undefined && { offset: event.offset + 1000 }),
      ...(event.end !== undefined && { end: event.end + 1000 }),
    }));
    expect(scan("ebml", [stream], 1000)).toEqual(shifted);
  });
});

describe("sizes", () => {
  const epoch = (open: typeof element) => Buffer.concat([header, open(ID.segment, tracks(), known)]);

  test("a stream may follow another after a Segment that ends where it said", () => {
    const inits = only(scan("ebml", [Buffer.concat([epoch(element), noise, epoch(openElement)])]), "init");
    expect(inits.map(({ offset }) => offset)).toEqual([0, epoch(element).byteLength + noise.byteLength]);
  });

  test("what is skipped is not waited for, and not kept", () => {
    const big = Buffer.alloc(8);
    big.writeBigUInt64BE(0x0100000000f00000n);
    const block = Buffer.concat([Buffer.from([ID.simpleBlock]), big, blockBody(1, 0, 0x80)]);
    const start = Buffer.concat([epoch(openElement), openElement(ID.cluster, clusterBody(7000, block))]);
    const events = scan("ebml", [start, Buffer.alloc(0xf00000 - 13), simpleBlock(1, 1, false)]);
    expect(only(events, "frame").map(({ time }) => time)).toEqual([1, 1.033, 7, 7.001]);
  });

  test("a TimestampScale sets the length of a tick", () => {
    const info = element(ID.info, number(ID.timestampScale, 500_000));
    const events = scan("ebml", [header, openElement(ID.segment, info, tracks(), known)]);
    expect(only(events, "resync")[0]?.time).toBe(0.5);
  });

  test("sound alone can start at every cluster, and every two seconds within one", () => {
    const blocks = Array.from({ length: 50 }, (_, index) => simpleBlock(2, index * 100, true));
    const long = openElement(ID.cluster, clusterBody(0, ...blocks));
    const openPreamble = Buffer.from("1f43b67501ffffffffffffffe78100", "hex");
    const events = only(scan("ebml", [header, openElement(ID.segment, tracks([2]), long, after)]), "resync");
    expect(events.map(({ time, preamble: put }) => [time, put && Buffer.from(put)])).toEqual([
      [0, undefined],
      [2, openPreamble],
      [4, openPreamble],
      [0.005, undefined],
    ]);
  });
});

describe("refuses", () => {
  const bigTracks = Buffer.concat([Buffer.from("1654ae6b", "hex"), Buffer.from("0100000000200000", "hex")]);
  const refused = [
    { name: "another DocType", parts: [ebmlHeader("foo")], words: /not WebM or Matroska: its DocType is 'foo'/ },
    { name: "no tracks", parts: [header, openElement(ID.segment, known)], words: /no tracks before its first cluster/ },
    {
      name: "empty tracks",
      parts: [header, openElement(ID.segment, tracks([]))],
      words: /no tracks of video or audio/,
    },
    { name: "something else", parts: [Buffer.from("RIFF1234")], words: /does not begin with an EBML header/ },
    { name: "a header without an end", parts: [openElement(ID.ebml)], words: /must say its size/ },
    {
      name: "huge tracks, from their header",
      parts: [header, openElement(ID.segment, bigTracks)],
      words: /1048576 at most/,
    },
    {
      name: "an endless header",
      parts: [header, openElement(ID.segment, ...Array(5).fill(element(ID.tags, Buffer.alloc(1 << 20))))],
      words: /header is longer than 4194304 bytes/,
    },
    {
      name: "longer element IDs than Matroska's",
      parts: [element(ID.ebml, number(ID.ebmlMaxIdLength, 5), element(ID.docType, Buffer.from("webm")))],
      words: /newer version of EBML/,
    },
    {
      name: "ticks without length",
      parts: [header, openElement(ID.segment, element(ID.info, number(ID.timestampScale, 0)))],
      words: /TimestampScale is 0/,
    },
    {
      name: "tracks cut short",
      parts: [header, openElement(ID.segment, element(ID.tracks, element(ID.trackEntry).subarray(0, 5)))],
      words: /reaches beyond/,
    },
  ];
  test.each(refused)("$name", ({ parts, words }) => {
    expect(() => scan("ebml", parts)).toThrow(words);
    expect(() => scan("ebml", chunksOf(Buffer.concat(parts), 1000))).toThrow(words);
    try {
      scan("ebml", parts);
    } catch (error) {
      expect(isLiveError(error, "bad_container")).toBe(true);
    }
  });
});

describe("damage after the init bytes", () => {
  const start = Buffer.concat([header, openElement(ID.segment, tracks(), known)]);
  const resyncs = (...parts: Buffer[]) => {
    const stream = Buffer.concat([start, ...parts]);
    const events = scan("ebml", [stream]);
    expect(scan("ebml", chunksOf(stream, 1))).toEqual(events);
    return { times: only(events, "resync").map(({ time }) => time), damage: only(events, "damage") };
  };
  const damage = [{ type: "damage", offset: start.byteLength }];

  test.each([
    ["garbage", Buffer.alloc(5000, 0x07)],
    ["zeros", Buffer.alloc(70)],
    ["the beginnings of a cluster's ID", Buffer.from("1f431f43b61f43b6".repeat(9), "hex")],
    ["clusters that are none", Buffer.from("1f43b675".repeat(9), "hex")],
    ["an EBML header that is none", Buffer.from("1a45dfa3841a45dfa3".repeat(9), "hex")],
    ["a block of a track that there is not", openElement(ID.cluster, clusterBody(0, simpleBlock(3, 0, true)))],
    ["a block longer than its cluster", element(ID.cluster, clusterBody(0, simpleBlock(1, 0, true).subarray(0, 15)))],
    ["a cluster without a time", element(ID.cluster, simpleBlock(1, 0, true))],
    ["a stream without tracks", Buffer.concat([ebmlHeader(), ebmlHeader("foo")])],
  ])("%s: reported once, and reading goes on at the next cluster", (_, garbage) => {
    expect(resyncs(garbage, mixed, open)).toEqual({
      times: [1, 2.04, 3.08],
      damage: [expect.objectContaining({ type: "damage" })],
    });
  });

  test("is reported where it begins", () => {
    expect(resyncs(Buffer.alloc(100), mixed).damage).toEqual(damage);
    expect(resyncs(Buffer.alloc(100), mixed, Buffer.alloc(100), open).damage.map(({ offset }) => offset)).toEqual([
      start.byteLength,
      start.byteLength + 100 + mixed.byteLength,
    ]);
  });

  test("is reported again after a frame, however the two came", () => {
    const between = openElement(ID.cluster, clusterBody(5000, blockGroup(1, 0, false)));
    expect(resyncs(Buffer.alloc(100), between, Buffer.alloc(100)).damage.map(({ offset }) => offset)).toEqual([
      start.byteLength,
      start.byteLength + 100 + between.byteLength,
    ]);
  });

  test("a cluster that comes before the one around it has ended is not missed", () => {
    const cutShort = known.subarray(0, known.byteLength - simpleBlock(1, 33, false).byteLength);
    expect(resyncs(Buffer.from(cutShort), mixed, open).times).toEqual([1, 1, 2.04, 3.08]);
  });

  test("a new stream whose tracks cannot be read hides its clusters, until the next one", () => {
    const broken = Buffer.concat([ebmlHeader(), openElement(ID.segment, tracks([]), mixed)]);
    expect(resyncs(broken, open, ebmlHeader(), openElement(ID.segment, tracks(), mixed)).times).toEqual([1, 2.04]);
  });
});

describe("names codecs", () => {
  const named = [
    ["V_MPEG4/ISO/AVC", "h264"],
    ["V_MPEGH/ISO/HEVC", "hevc"],
    ["V_VP9", "vp9"],
    ["V_AV1", "av1"],
    ["A_AAC", "aac"],
    ["A_AAC/MPEG4/LC", "aac"],
    ["A_MPEG/L3", "mp3"],
    ["A_PCM/INT/LIT", "pcm"],
    ["V_MS/VFW/FOURCC", "V_MS/VFW/FOURCC"],
    ["constructor", "constructor"],
  ] as const;
  test.each(named)("%s is %s", (codecId, codec) => {
    const entry = [number(ID.trackNumber, 1), number(ID.trackType, 1), element(ID.codecId, Buffer.from(codecId))];
    const size = element(ID.video, number(ID.pixelWidth, 640), number(ID.pixelHeight, 360));
    const stream = [header, openElement(ID.segment, element(ID.tracks, element(ID.trackEntry, ...entry, size)), known)];
    const [init] = only(scan("ebml", stream), "init");
    expect(init?.tracks).toEqual([{ id: 1, kind: "video", codec, width: 640, height: 360 }]);
  });

  test.each([
    { unit: 0, pixelAspect: 2 },
    { unit: 3, pixelAspect: 2 },
    { unit: 4, pixelAspect: undefined },
  ])("a size to be shown at in unit $unit makes pixels of $pixelAspect", ({ unit, pixelAspect }) => {
    const entry = [number(ID.trackNumber, 1), number(ID.trackType, 1), element(ID.codecId, Buffer.from("V_VP8"))];
    const pixels = [number(ID.pixelWidth, 320), number(ID.pixelHeight, 360)];
    const shown = [number(ID.displayWidth, 16), number(ID.displayHeight, 9), number(ID.displayUnit, unit)];
    const video = element(ID.video, ...pixels, ...shown);
    const tracks = element(ID.tracks, element(ID.trackEntry, ...entry, video));
    const [init] = only(scan("ebml", [header, openElement(ID.segment, tracks, known)]), "init");
    expect(init?.tracks[0]?.pixelAspect).toBe(pixelAspect);
  });
});

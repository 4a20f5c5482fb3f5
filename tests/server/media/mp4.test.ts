import { describe, expect, test } from "@jest/globals";
import { BoxReader } from "../../../server/media/boxes.ts";
import type { ContainerEvent } from "../../../server/media/container.ts";
import { box, largeBox } from "../../helpers/media-boxes.ts";
import { H264, makeMedia } from "../../helpers/media-ffmpeg.ts";
import { chunksOf, only, scan } from "../../helpers/media-scan.ts";

const real = makeMedia({
  seconds: 0.3,
  video: ["-s", "32x32", ...H264, "-g", "3"],
  audio: ["-c:a", "aac", "-b:a", "8k"],
  output: ["-f", "mp4", "-movflags", "frag_keyframe+empty_moov+default_base_moof"],
});

const boxes = new BoxReader({ maxBoxBytes: 1 << 20 }).push(real);
const named = (type: string) => boxes.filter((each) => each.type === type).map(({ bytes }) => Buffer.from(bytes));
const [ftyp = Buffer.alloc(0)] = named("ftyp");
const [moov = Buffer.alloc(0)] = named("moov");
const init = Buffer.concat([ftyp, moov]);
const moofs = named("moof");
// Media is skipped, so little of it will do, and every byte can be a place to cut.
const fragments = moofs.map((moof) => Buffer.concat([moof, box("mdat", Buffer.alloc(5, 0x55))]));
const [first = Buffer.alloc(0), ...rest] = fragments;

const resyncOffsets = (events: readonly ContainerEvent[]) => only(events, "resync").map(({ offset }) => offset);

/** `bytes` with every `from` replaced by `to` of the same length. */
function renamed(bytes: Buffer, from: string, to: string): Buffer {
  return Buffer.from(bytes.toString("latin1").replaceAll(from, to), "latin1");
}

describe("a stream of fragments", () => {
  const decorated = [
    ...[box("styp", Buffer.from("msdh")), box("sidx", Buffer.alloc(40)), first],
    ...[largeBox("free", Buffer.alloc(99)), box("emsg", Buffer.alloc(9)), ...rest],
    ...[box("free"), init, box("prft", Buffer.alloc(16)), ...fragments, box("mfra", Buffer.alloc(30))],
  ];
  const stream = Buffer.concat([init, ...decorated]);
  const expected = scan("mp4", [stream]);

  test("has a resync point at every fragment that begins with a key frame, before its styp", () => {
    expect(fragments.length).toBe(3);
    const second = stream.indexOf(init, 1);
    expect(only(expected, "init").map(({ offset, end }) => [offset, end])).toEqual([
      [0, init.byteLength],
      [second, second + init.byteLength],
    ]);
    const places = [init.byteLength, ...rest.map((fragment) => stream.indexOf(fragment))];
    const again = fragments.map((fragment) => stream.indexOf(fragment, second));
    expect(resyncOffsets(expected)).toEqual([...places, ...again]);
    expect(only(expected, "damage")).toEqual([]);
  });

  test("gives the same wherever it is cut in two", () => {
    for (let cut = 0; cut <= stream.byteLength; cut++) {
      const events = scan("mp4", [stream.subarray(0, cut), stream.subarray(cut)]);
      expect({ cut, events }).toEqual({ cut, events: expected });
    }
  });

  test("gives the same in pieces of any one size", () => {
    for (const size of [1, 2, 3, 5, 7, 8, 11, 16, 17, 100]) {
      expect(scan("mp4", chunksOf(stream, size), 5)).toEqual(scan("mp4", [stream], 5));
    }
  });

  test("gives a beginning of the same when it ends early", () => {
    for (let end = 0; end <= stream.byteLength; end++) {
      const events = scan("mp4", [stream.subarray(0, end)]);
      expect({ end, events }).toEqual({ end, events: expected.slice(0, events.length) });
    }
  });
});

test("fragments without times follow one another", () => {
  const untimed = fragments.map((fragment) => renamed(fragment, "tfdt", "free"));
  expect(scan("mp4", [init, ...untimed])).toEqual(scan("mp4", [init, ...fragments]));
});

test("tells its tracks", () => {
  expect(only(scan("mp4", [init]), "init")[0]?.tracks).toEqual([
    { id: 1, kind: "video", codec: "h264", width: 32, height: 32, pixelAspect: 16 / 9 },
    { id: 2, kind: "audio", codec: "aac", sampleRate: 48000, channels: 1 },
  ]);
});

describe("refuses", () => {
  const refused = [
    {
      name: "a file that is not fragmented",
      bytes: [ftyp, renamed(moov, "mvex", "free")],
      words: /is not fragmented: record/,
    },
    {
      name: "media before the header",
      bytes: [ftyp, box("mdat", Buffer.alloc(9)), moov],
      words: /before its header \(moov\)/,
    },
    { name: "a fragment before the header", bytes: [ftyp, ...fragments], words: /fragment \(moof\) comes before/ },
    {
      name: "media in another file",
      bytes: [renamed(init, "url \0\0\0\x01", "url \0\0\0\0")],
      words: /media in another file/,
    },
    {
      name: "no video or audio",
      bytes: [renamed(renamed(init, "vide", "text"), "soun", "text")],
      words: /no tracks of video or audio/,
    },
    {
      name: "something else",
      bytes: [ftyp, Buffer.from("\0\0\x01\0\x01\x02\x03\x04")],
      words: /no box type '\?\?\?\?'/,
    },
    {
      name: "a huge header, by its size",
      bytes: [ftyp, Buffer.from("00400001" + "6d6f6f76", "hex")],
      words: /exceeds 4194304/,
    },
    {
      name: "a header behind much else",
      bytes: [ftyp, box("free", Buffer.alloc(4 << 20)), moov],
      words: /header is longer than 4194304 bytes/,
    },
    { name: "a track without a codec", bytes: [renamed(init, "stsd", "free")], words: /'stsd' box is missing/ },
  ];
  test.each(refused)("$name", ({ bytes, words }) => {
    expect(() => scan("mp4", bytes)).toThrow(words);
    expect(() => scan("mp4", chunksOf(Buffer.concat(bytes), 100))).toThrow(words);
  });
});

describe("damage after the init bytes", () => {
  const start = Buffer.concat([init, first]);
  const tail = Buffer.concat(rest);
  const lost = [
    { name: "garbage", bytes: Buffer.alloc(5000, 0x66) },
    { name: "zeros", bytes: Buffer.alloc(99) },
    { name: "a box of impossible size", bytes: Buffer.from("000000016d646174ffffffffffffffff", "hex") },
    { name: "a fragment larger than any", bytes: Buffer.from("7fffffff6d6f6f66", "hex") },
    { name: "a fragment that cannot be read", bytes: renamed(first, "tfhd", "free") },
    { name: "names without boxes", bytes: Buffer.from("moofmoofstypftyp".repeat(9)) },
    { name: "a header that cannot be read, but not its file type", bytes: renamed(moov, "tkhd", "free") },
  ];
  test.each(lost)("$name: reported once, and reading goes on at the next fragment", ({ bytes }) => {
    const events = scan("mp4", [start, bytes, tail]);
    expect(only(events, "damage")).toEqual([{ type: "damage", offset: start.byteLength }]);
    const behind = start.byteLength + bytes.byteLength;
    expect(resyncOffsets(events)).toEqual([init.byteLength, behind, behind + (rest[0]?.byteLength ?? 0)]);
  });

  test("a new file whose header cannot be read hides its fragments, until the next one", () => {
    const broken = Buffer.concat([ftyp, renamed(moov, "tkhd", "free"), ...fragments]);
    const events = scan("mp4", [start, broken, init, ...rest]);
    const behind = start.byteLength + broken.byteLength;
    expect(only(events, "init").map(({ offset }) => offset)).toEqual([0, behind]);
    expect(resyncOffsets(events).slice(0, 2)).toEqual([init.byteLength, behind + init.byteLength]);
  });
});

import { describe, expect, test } from "@jest/globals";
import { type ChunkInfo, parseChunk, type TrackInit } from "../../../server/media/cmaf.ts";
import { box, words } from "../../helpers/media-boxes.ts";

const NON_SYNC = 0x01010000;
const SYNC = 0x02000000;

/** tfhd and trun with their flags and fields, in a moof whose tfdt says 1000. */
function moof(tfhd: readonly number[], ...truns: readonly (readonly number[])[]): Buffer {
  const [flags = 0, ...fields] = tfhd;
  return box(
    "moof",
    box("mfhd", words(0, 1)),
    box(
      "traf",
      box("tfhd", words(flags, 7, ...fields)),
      box("tfdt", words(0, 1000)),
      ...truns.map((trun) => box("trun", words(...trun))),
    ),
  );
}

function init(flags: number, kind: "video" | "audio" = "video"): TrackInit {
  return { kind, trackId: 7, timescale: 90_000, codecs: "", defaults: { duration: 10, size: 1, flags } };
}

function startsWithKey(bytes: Uint8Array, of: TrackInit): boolean {
  return parseChunk(bytes, of).startsWithKey;
}

describe("whether the first sample is a key frame comes from", () => {
  const inherits = moof([0], [0, 1]);
  const fragmentDefault = moof([0x20, SYNC], [0, 1]);
  const ownFlags = moof([0x20, SYNC], [0x400, 2, NON_SYNC, SYNC]);
  const firstFlags = moof([0x20, NON_SYNC], [0x4, 2, SYNC]);

  test("trex, when nothing else says it", () => {
    expect(startsWithKey(inherits, init(SYNC))).toBe(true);
    expect(startsWithKey(inherits, init(NON_SYNC))).toBe(false);
  });
  test("tfhd before trex", () => expect(startsWithKey(fragmentDefault, init(NON_SYNC))).toBe(true));
  test("the sample's own flags before tfhd", () => expect(startsWithKey(ownFlags, init(SYNC))).toBe(false));
  test("the run's first-sample flags before tfhd", () => expect(startsWithKey(firstFlags, init(NON_SYNC))).toBe(true));
  test("nowhere, for audio: every sample is one", () => {
    expect(startsWithKey(inherits, init(NON_SYNC, "audio"))).toBe(true);
  });
});

describe("times", () => {
  test("signed composition offsets may present a later sample first", () => {
    const bytes = moof([0], [0x01000900, 3, 10, 20, 10, -30, 10, 0]);
    const expected: ChunkInfo = {
      decodeTime: 1000,
      presentationTime: 980,
      duration: 30,
      samples: 3,
      startsWithKey: true,
      keyTime: 1020,
    };
    expect(parseChunk(bytes, init(SYNC))).toEqual(expected);
  });

  test("several runs follow one another, each field where the flags put it", () => {
    const tfhd = [0x3b, 0, 99, 1, 25, 1, SYNC];
    const bytes = moof(tfhd, [0x1, 2, 500], [0xf01, 2, 500, 5, 1, SYNC, 0, 6, 1, SYNC, 7]);
    expect(parseChunk(bytes, init(NON_SYNC))).toMatchObject({ duration: 61, samples: 4, presentationTime: 1000 });
  });

  test("a chunk without samples has no key frame and no duration", () => {
    expect(parseChunk(moof([0], [0, 0]), init(SYNC))).toMatchObject({ samples: 0, duration: 0, startsWithKey: false });
  });

  test("a run that claims four thousand million samples is counted, not walked through", () => {
    const started = performance.now();
    expect(parseChunk(moof([0], [0, 0xffffffff]), init(SYNC)).duration).toBe(0xffffffff * 10);
    expect(performance.now() - started).toBeLessThan(100);
  });
});

describe("refuses", () => {
  const traf = (...boxes: Buffer[]) => box("moof", box("traf", ...boxes));
  const tfhd = box("tfhd", words(0, 7));
  const refused = [
    { name: "samples beyond the end of the run", bytes: moof([0], [0x100, 3, 1, 1]), words: /trun ends too early/ },
    { name: "the fragment of another track", bytes: traf(box("tfhd", words(0, 8))), words: /nothing of track 7/ },
    { name: "a chunk without a decode time", bytes: traf(tfhd), words: /does not say its decode time/ },
    { name: "a traf without tfhd", bytes: traf(), words: /tfhd ends too early/ },
    {
      name: "a decode time that cannot be counted exactly",
      bytes: traf(tfhd, box("tfdt", words(0x01000000, 0x00200000, 0))),
      words: /impossible number/,
    },
    { name: "a box longer than the one around it", bytes: box("moof", words(16, 0x74726166)), words: /reaches beyond/ },
    { name: "something that is not a moof", bytes: box("free"), words: /'moof' box is missing/ },
  ];
  test.each(refused)("$name", ({ bytes, words: said }) => expect(() => parseChunk(bytes, init(SYNC))).toThrow(said));
});

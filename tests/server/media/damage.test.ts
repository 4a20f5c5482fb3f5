import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { isLiveError } from "../../../server/core/errors.ts";
import { type ContainerEvent, type ContainerFamily, createScanner } from "../../../server/media/container.ts";
import { flvs } from "../../helpers/flv.ts";
import { fixture } from "../../helpers/media-fixtures.ts";
import { only, scan } from "../../helpers/media-scan.ts";

const KIB = 1024;

/** What happens to a stream on its way: `bytes` take the place of `length` bytes at `place` (0 to 1) of it. */
const edit = fc.record({
  place: fc.double({ min: 0, max: 1, noNaN: true }),
  length: fc.nat({ max: 300 }),
  bytes: fc.uint8Array({ maxLength: 300 }),
});
const accident = fc.record({
  edits: fc.array(edit, { minLength: 1, maxLength: 5 }),
  chunkSizes: fc.array(fc.integer({ min: 1, max: 4000 }), { minLength: 1, maxLength: 20 }),
});

interface Edit {
  readonly place: number;
  readonly length: number;
  readonly bytes: Uint8Array;
}

function damaged(bytes: Buffer, edits: readonly Edit[], from: number): Buffer {
  return edits.reduce((stream, { place, length, bytes: put }) => {
    const at = from + Math.floor(place * (stream.byteLength - from));
    return Buffer.concat([stream.subarray(0, at), put, stream.subarray(at + length)]);
  }, bytes);
}

/** Scans in chunks of these sizes, over and over; the most it held, and the words of what it threw. */
function run(family: ContainerFamily, stream: Uint8Array, chunkSizes: readonly number[]) {
  const scanner = createScanner(family);
  const events: ContainerEvent[] = [];
  let held = 0;
  try {
    for (let at = 0, turn = 0; at < stream.byteLength; turn++) {
      const size = chunkSizes[turn % chunkSizes.length] ?? 1;
      events.push(...scanner.push(stream.subarray(at, at + size)));
      held = Math.max(held, scanner.heldBytes);
      at += size;
    }
    scanner.end();
    return { events, held, refusal: undefined };
  } catch (error) {
    if (!isLiveError(error, "bad_container")) throw error;
    return { events, held, refusal: error.message };
  }
}

const flv = flvs.both(2);
const flvInit = (only(scan("flv", [flv]), "init")[0]?.end ?? 0) + 400;

/** Two streams, one after the other, so that damage hits init bytes in mid-stream, too. */
const twice = (bytes: Buffer) => Buffer.concat([bytes.subarray(0, 16 * KIB), bytes]);

const streams = [
  // The init bytes are complete when the first cluster has begun.
  { name: "WebM", family: "ebml", bytes: twice(fixture("chromium-vp9.webm")), init: 188 + 12 },
  { name: "MP4", family: "mp4", bytes: twice(fixture("chromium-h264.mp4")), init: 1221 },
  { name: "FLV", family: "flv", bytes: twice(flv), init: flvInit },
] as const;

describe.each(streams)("$name with random damage", ({ family, bytes, init }) => {
  const property = (from: number, check: (stream: Buffer, chunkSizes: readonly number[]) => void) => {
    const damage = fc.property(accident, ({ edits, chunkSizes }) => check(damaged(bytes, edits, from), chunkSizes));
    fc.assert(damage, { seed: 20250, numRuns: 200 });
  };

  test("is never refused after its init bytes, and read the same in any chunks", () => {
    property(init, (stream, chunkSizes) => {
      const whole = run(family, stream, [stream.byteLength]);
      const pieces = run(family, stream, chunkSizes);
      expect(pieces.events).toEqual(whole.events);
      expect(pieces.refusal).toBeUndefined();
      expect(whole.events[0]?.type).toBe("init");
      expect(pieces.held).toBeLessThan(64 * KIB);
    });
  });

  test("is refused in words or read, when its init bytes are hit", () => {
    property(0, (stream, chunkSizes) => {
      const whole = run(family, stream, [stream.byteLength]);
      const pieces = run(family, stream, chunkSizes);
      expect(pieces.refusal).toBe(whole.refusal);
      expect(pieces.events).toEqual(whole.events);
      if (pieces.refusal !== undefined) expect(pieces.events).toEqual([]);
    });
  });

  test("goes on at the second resync point behind the damage, if not at the first", () => {
    const points = run(family, bytes, [bytes.byteLength]).events.flatMap((event) =>
      event.type === "resync" ? [event.offset] : [],
    );
    const [, first = 0, second = 0] = points;
    const edited = fc.property(edit, (one) => {
      const before = damaged(bytes.subarray(0, first), [one], init);
      const { events } = run(family, Buffer.concat([before, bytes.subarray(first)]), [1000]);
      // Lost bytes are missing in a frame, whose size then reaches over the beginning of the next cluster or fragment.
      const expected = { type: "resync", offset: second - first + before.byteLength };
      expect(events).toContainEqual(expect.objectContaining(expected));
    });
    fc.assert(edited, { seed: 20251, numRuns: 200 });
  });
});

describe("bytes made to waste time are read in one pass", () => {
  const webm = fixture("chromium-vp9.webm");
  const mp4 = fixture("chromium-h264.mp4");
  const patterns: [string, Buffer, ContainerFamily, Buffer][] = [
    ["clusters of nothing", webm, "ebml", Buffer.from("1f43b67581e7", "hex")],
    ["beginnings of IDs", webm, "ebml", Buffer.from("1f43b61a45df", "hex")],
    ["EBML headers", webm, "ebml", Buffer.from("1a45dfa3844286ec80", "hex")],
    ["headers that go on and on", webm, "ebml", Buffer.from("1a45dfa343fe42868180", "hex")],
    ["empty blocks", webm, "ebml", Buffer.from("a38481000080", "hex")],
    ["empty fragments", mp4, "mp4", Buffer.from("0000000c6d6f6f6600000000", "hex")],
    ["beginnings of files", flv, "flv", Buffer.from("FLV\x01\x05", "latin1")],
    ["empty tags", flv, "flv", Buffer.from("0900000000000000000000ffffffff", "hex")],
    ["tags that look like key frames", flv, "flv", Buffer.from("090000010000000000000017", "hex")],
    ["fragments within fragments", mp4, "mp4", Buffer.from("000010006d6f6f66", "hex")],
  ];
  test.each(patterns)("%s", (_, head, family, pattern) => {
    const stream = Buffer.concat([head, Buffer.alloc(KIB * KIB, pattern)]);
    const started = performance.now();
    const { refusal, held } = run(family, stream, [64 * KIB]);
    expect(refusal).toBeUndefined();
    expect(held).toBeLessThan(1100 * KIB);
    expect(performance.now() - started).toBeLessThan(4000);
  });
});

import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { isLiveError } from "../../../server/core/errors.ts";
import { type Prefixed, PrefixedReader } from "../../../server/media/length-prefixed.ts";
import { noise, piecesOf } from "../../helpers/bytes.ts";
import { prefixed } from "../../helpers/images.ts";

const KIB = 1024;
const LIMIT = 512 * KIB;

/** What is found, with messages as words or, when they are long, as their length. */
function words(found: Iterable<Prefixed>): string[] {
  return [...found].map((each) => {
    if (each.type !== "message") return each.type === "end" ? "end" : `skipped ${each.bytes}`;
    const message = Buffer.from(each.bytes).subarray(4);
    expect(Buffer.from(each.bytes).readUInt32BE()).toBe(message.byteLength);
    return message.byteLength > 100 ? `message of ${message.byteLength}` : message.toString();
  });
}

function read(pieces: Iterable<Uint8Array>, maxBytes = LIMIT): string[] {
  const reader = new PrefixedReader(maxBytes);
  return [...pieces].flatMap((piece) => words(reader.push(piece)));
}

const stream = Buffer.concat([
  prefixed("one"),
  prefixed(noise(200 * KIB)),
  prefixed(noise(600 * KIB)),
  prefixed("two"),
  Buffer.alloc(4),
]);
const whole = ["one", `message of ${200 * KIB}`, `skipped ${600 * KIB}`, "two", "end"];

describe("messages", () => {
  test("come whole out of one piece, and nothing is copied", () => {
    expect(read([stream])).toEqual(whole);
    const [first] = new PrefixedReader(LIMIT).push(stream);
    expect(first?.type === "message" && first.bytes.buffer).toBe(stream.buffer);
  });

  test("are the same however they are cut", () => {
    fc.assert(
      fc.property(fc.integer({ min: 2_000, max: 200_000 }), fc.nat(), (largest, seed) => {
        expect(read(piecesOf(stream, largest, seed))).toEqual(whole);
      }),
      { numRuns: 50 },
    );
  });

  test("are the same cut at every byte, and byte by byte", () => {
    const small = Buffer.concat([prefixed("one"), prefixed("too long"), prefixed("two"), Buffer.alloc(4)]);
    const expected = ["one", "skipped 8", "two", "end"];
    for (let at = 0; at <= small.byteLength; at++) {
      expect(read([small.subarray(0, at), small.subarray(at)], 5)).toEqual(expected);
    }
    expect(
      read(
        [...small].map((byte) => Uint8Array.of(byte)),
        5,
      ),
    ).toEqual(expected);
  });

  test("that are cut off are not there, and the reader knows", () => {
    const small = Buffer.concat([prefixed("one"), prefixed("too long")]);
    for (let length = 0; length < small.byteLength; length++) {
      const reader = new PrefixedReader(5);
      const found = words(reader.push(small.subarray(0, length)));
      expect(found).toEqual([...(length >= 7 ? ["one"] : []), ...(length >= 11 ? ["skipped 8"] : [])]);
      expect(reader.isBetween).toBe(length === 0 || length === 7);
    }
  });

  test("are what the bytes say, whatever they are", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2_000 }), fc.integer({ min: 1, max: 50 }), (bytes, largest) => {
        // Lengths that are sometimes possible.
        const tame = bytes.map((byte, at) => (at % 7 < 2 ? 0 : byte));
        const reader = new PrefixedReader(300);
        let total = 0;
        let most = 0;
        try {
          for (const piece of piecesOf(tame, largest)) {
            for (const found of reader.push(piece)) total += found.type === "message" ? found.bytes.byteLength : 4;
            most = Math.max(most, reader.heldBytes);
          }
        } catch (error) {
          expect(isLiveError(error, "too_large")).toBe(true);
        }
        expect(total).toBeLessThanOrEqual(tame.byteLength);
        expect(most).toBeLessThanOrEqual(304);
      }),
    );
  });
});

describe("a length", () => {
  test.each([
    ["GET / HTTP/1.1", "1195725856"],
    ["\x16\x03\x01\x02", "369295618"],
    ["\xff\xff\xff\xff", "4294967295"],
    ["\x04\x00\x00\x01", "67108865"],
  ])("that no image has is refused: %j", (text, length) => {
    expect(() => read([Buffer.from(text, "latin1")])).toThrow(`a length of ${length} bytes`);
  });

  test("of 64 MiB is read away, and what follows is read, with nothing held", () => {
    const reader = new PrefixedReader(LIMIT);
    const piece = new Uint8Array(KIB * KIB);
    expect(words(reader.push(Buffer.from([4, 0, 0, 0])))).toEqual([`skipped ${64 * KIB * KIB}`]);
    for (let sent = 0; sent < 64; sent++) {
      expect(words(reader.push(piece))).toEqual([]);
      expect(reader.heldBytes).toBe(0);
    }
    expect(words(reader.push(prefixed("next")))).toEqual(["next"]);
  });

  test("of the largest message and of one byte more", () => {
    expect(read([prefixed(noise(LIMIT)), prefixed(noise(LIMIT + 1))])).toEqual([
      `message of ${LIMIT}`,
      `skipped ${LIMIT + 1}`,
    ]);
  });

  test("alone takes no room: what was announced need not come", () => {
    const readers = Array.from({ length: 64 }, () => new PrefixedReader(64 * KIB * KIB));
    for (const reader of readers) expect(words(reader.push(Buffer.from([3, 0xff, 0xff, 0xff, 1])))).toEqual([]);
    expect(readers.reduce((sum, { heldBytes }) => sum + heldBytes, 0)).toBe(64 * 5);
  });
});

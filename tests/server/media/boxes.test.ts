import { describe, expect, test } from "@jest/globals";
import { BoxReader } from "../../../server/media/boxes.ts";
import { box, largeBox } from "../../helpers/media-boxes.ts";

const stream = Buffer.concat([
  box("ftyp", Buffer.from("iso6")),
  box("moov", Buffer.alloc(40, 7)),
  largeBox("moof", Buffer.alloc(24, 8)),
  box("mdat"),
]);
const types = ["ftyp", "moov", "moof", "mdat"];

/** Reads `stream` cut into `chunks` and checks that nothing was lost or changed. */
function expectSameBoxes(chunks: readonly Uint8Array[]): void {
  const reader = new BoxReader({ maxBoxBytes: 1024 });
  const boxes = chunks.flatMap((chunk) => reader.push(chunk));
  reader.end();
  expect(boxes.map(({ type }) => type)).toEqual(types);
  expect(Buffer.concat(boxes.map(({ bytes }) => bytes))).toEqual(stream);
}

test("finds the same boxes wherever the input is cut in two", () => {
  for (let cut = 0; cut <= stream.byteLength; cut++) expectSameBoxes([stream.subarray(0, cut), stream.subarray(cut)]);
});

test("finds the same boxes in pieces of any one size", () => {
  for (let size = 1; size <= 40; size++) {
    const chunks: Buffer[] = [];
    for (let at = 0; at < stream.byteLength; at += size) chunks.push(stream.subarray(at, at + size));
    expectSameBoxes(chunks);
  }
});

test("does not copy a box that lies in one chunk", () => {
  const [first] = new BoxReader({ maxBoxBytes: 1024 }).push(stream);
  expect(first?.bytes.buffer).toBe(stream.buffer);
});

test("keeps nothing of a chunk that its caller may reuse, except what it handed out", () => {
  for (const cut of [14, 40]) {
    const reader = new BoxReader({ maxBoxBytes: 1024 });
    const chunk = Buffer.from(stream.subarray(0, cut));
    reader.push(chunk);
    chunk.fill(0);
    expect(reader.push(stream.subarray(cut))[0]?.bytes).toEqual(new Uint8Array(stream.subarray(12, 60)));
  }
});

test("copies a box of many pieces once", () => {
  const reader = new BoxReader({ maxBoxBytes: 64 * 1024 * 1024 });
  const piece = Buffer.alloc(1024);
  const started = performance.now();
  reader.push(Buffer.from("0200000066726565", "hex"));
  for (let left = 0x2000000 - 8 - 1016; left > 0; left -= 1024) reader.push(piece);
  expect(reader.push(piece.subarray(8)).map(({ bytes }) => bytes.byteLength)).toEqual([0x2000000]);
  // Joining anew for each of the 32,767 pieces would move 500 GB.
  expect(performance.now() - started).toBeLessThan(5_000);
});

describe("refuses", () => {
  const refused = [
    { name: "a box smaller than its header", hex: "0000000766726565", words: /'free' box cannot have a size of 7/ },
    { name: "a box without an end", hex: "000000006d646174", words: /cannot have a size of 0/ },
    { name: "a box over the limit, from its header alone", hex: "000004016d646174", words: /1025 bytes exceeds 1024/ },
    { name: "a 64-bit size over the limit", hex: "000000016d6461740000000100000000", words: /exceeds 1024/ },
    { name: "a size that no file has", hex: "000000016d646174ffffffffffffffff", words: /cannot have/ },
  ];
  test.each(refused)("$name", ({ hex, words }) => {
    const reader = new BoxReader({ maxBoxBytes: 1024 });
    expect(() => reader.push(Buffer.from(hex, "hex"))).toThrow(words);
  });

  test("a stream that was cut inside a box, or inside its header", () => {
    for (const length of [5, 20]) {
      const reader = new BoxReader({ maxBoxBytes: 1024 });
      reader.push(stream.subarray(0, length));
      expect(() => reader.end()).toThrow(/ended inside a box/);
    }
  });
});

import { describe, expect, test } from "@jest/globals";
import { decodeTimeOf, withDecodeTime } from "../../../../web/player/socket/decode-time.ts";

function box(type: string, ...content: (Uint8Array | readonly number[])[]): Uint8Array {
  const size = 8 + content.reduce((sum, part) => sum + part.length, 0);
  const bytes = new Uint8Array(size);
  new DataView(bytes.buffer).setUint32(0, size);
  bytes.set(
    [...type].map((letter) => letter.charCodeAt(0)),
    4,
  );
  let offset = 8;
  for (const part of content) {
    bytes.set(part, offset);
    offset += part.length;
  }
  return bytes;
}

const chunkWith = (tfdt: readonly number[]) => {
  const traf = box("traf", box("tfhd", [0, 0, 0, 0, 0, 0, 0, 1]), box("tfdt", tfdt), box("trun", [0, 0, 0, 0]));
  return new Uint8Array([...box("moof", box("mfhd", [0, 0, 0, 0, 0, 0, 0, 1]), traf), ...box("mdat", [1, 2, 3])]);
};

describe("a chunk's decode time", () => {
  test.each([
    ["64 bits", [1, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 2], 2n ** 32n + 2n],
    ["32 bits", [0, 0, 0, 0, 0, 0, 0, 7], 7n],
  ])("of %s is read, and written into a copy", (_, tfdt, ticks) => {
    const chunk = chunkWith(tfdt);
    expect(decodeTimeOf(chunk)).toBe(ticks);
    const moved = withDecodeTime(chunk, ticks + 1024n);
    expect(decodeTimeOf(moved)).toBe(ticks + 1024n);
    expect(decodeTimeOf(chunk)).toBe(ticks);
    expect(moved.byteLength).toBe(chunk.byteLength);
  });

  test("is found wherever the chunk lies in its buffer", () => {
    const chunk = chunkWith([0, 0, 0, 0, 0, 0, 0, 7]);
    const within = new Uint8Array(chunk.byteLength + 16);
    within.set(chunk, 16);
    expect(decodeTimeOf(within.subarray(16))).toBe(7n);
  });

  test("is not found in what is cut off or is something else", () => {
    const chunk = chunkWith([1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 5]);
    for (let length = 0; length < chunk.byteLength - 11; length += 1) {
      expect(decodeTimeOf(chunk.subarray(0, length))).toBeUndefined();
    }
    expect(decodeTimeOf(box("moof", box("traf", box("tfdt", [1, 0, 0, 0, 0]))))).toBeUndefined();
    expect(() => withDecodeTime(box("mdat", [1]), 1n)).toThrow(RangeError);
  });
});

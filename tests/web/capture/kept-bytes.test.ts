import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { KeptBytes } from "../../../web/capture/kept-bytes.ts";
import { settle } from "../../helpers/eventually.ts";
import { memorySpill } from "../../helpers/memory-spill.ts";

/** The whole stream: every byte tells where it stands. */
const stream = Buffer.from(Array.from({ length: 4_000 }, (_, index) => (index * 31 + (index >> 8)) % 256));

type Act =
  | { readonly do: "append"; readonly bytes: number }
  | { readonly do: "trim"; readonly share: number }
  | { readonly do: "read"; readonly share: number; readonly bytes: number }
  | { readonly do: "disk"; readonly how: "written" | "refused" };

const share = fc.double({ min: 0, max: 1, noNaN: true });
const act: fc.Arbitrary<Act> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ do: fc.constant("append"), bytes: fc.integer({ min: 0, max: 90 }) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("trim"), share }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("read"), share, bytes: fc.integer({ min: 1, max: 200 }) }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant("disk"), how: fc.constantFrom("written", "written", "refused") }),
  },
);

test("gives back exactly what was appended and not trimmed, wherever it is kept", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(act, { maxLength: 60 }), fc.boolean(), async (acts, hasDisk) => {
      const spill = hasDisk ? memorySpill(800) : undefined;
      const kept = new KeptBytes({ spill, memoryBytes: 200, fileBytes: 100 });
      let [begin, end] = [0, 0];
      for (const each of acts) {
        if (each.do === "append") {
          const bytes = Math.min(each.bytes, stream.byteLength - end);
          kept.append(new Blob([stream.subarray(end, end + bytes)]), end);
          end += bytes;
        } else if (each.do === "trim") {
          begin += Math.floor((end - begin) * each.share);
          kept.trim(begin);
        } else if (each.do === "disk") spill?.finish(each.how);
        else if (begin < end) {
          const offset = begin + Math.floor((end - begin - 1) * each.share);
          const bytes = Math.min(each.bytes, end - offset);
          const read = Buffer.from(await kept.read(offset, bytes));
          expect(read.equals(stream.subarray(offset, offset + bytes))).toBe(true);
        }
        await settle();
        expect([kept.begin, kept.end]).toEqual([begin, end]);
        // Pieces are forgotten whole: no more than one of them stays without need.
        expect(kept.memoryBytes + kept.diskBytes).toBeLessThan(end - begin + 200);
        expect(kept.diskBytes).toBe([...(spill?.files.values() ?? [])].reduce((sum, file) => sum + file.size, 0));
      }
      kept.close();
      while (spill?.finish()) await settle();
      expect([kept.memoryBytes, kept.diskBytes, spill?.files.size ?? 0, spill?.isClosed ?? true]).toEqual([
        0,
        0,
        0,
        true,
      ]);
    }),
    { numRuns: 150 },
  );
});

const kilobyte = () => new Blob([new Uint8Array(1000)]);

describe("what does not fit into memory", () => {
  test("goes to the disk, oldest first, and memory stays within its limit", async () => {
    const spill = memorySpill();
    const kept = new KeptBytes({ spill, memoryBytes: 4_000, fileBytes: 2_000 });
    for (let second = 0; second < 50; second++) {
      kept.append(kilobyte(), second);
      await settle();
      while (spill.finish()) await settle();
    }
    expect(kept.memoryBytes).toBeLessThanOrEqual(4_000);
    expect(kept.diskBytes).toBe(50_000 - kept.memoryBytes);
    expect(kept.isFull).toBe(false);
  });

  test("makes it full when the disk is full, and then when twice the limit is in memory", async () => {
    const spill = memorySpill(6_000);
    const kept = new KeptBytes({ spill, memoryBytes: 4_000, fileBytes: 2_000 });
    for (let bytes = 1; bytes <= 13; bytes++) {
      kept.append(kilobyte(), bytes);
      await settle();
      while (spill.finish()) await settle();
    }
    expect([kept.diskBytes, kept.memoryBytes, kept.isFull]).toEqual([6_000, 7_000, false]);
    kept.append(kilobyte(), 14);
    expect(kept.isFull).toBe(true);
    kept.trim(10_000);
    expect([kept.isFull, spill.files.size]).toEqual([false, 0]);
  });

  test("makes it full at twice the limit where there is no disk", () => {
    const kept = new KeptBytes({ spill: undefined, memoryBytes: 2_000 });
    for (let piece = 0; piece < 3; piece++) kept.append(kilobyte(), piece);
    expect(kept.isFull).toBe(false);
    kept.append(kilobyte(), 3);
    expect(kept.isFull).toBe(true);
  });
});

test("tells how much recorded time a part of it is", () => {
  const kept = new KeptBytes({ spill: undefined });
  expect(kept.msFrom(0)).toBe(0);
  for (let piece = 0; piece <= 10; piece++) kept.append(kilobyte(), 5_000 + piece * 100);
  expect(kept.msFrom(0)).toBe(1_000);
  expect(kept.msFrom(9_500)).toBeCloseTo(150);
  kept.trim(9_000);
  expect(kept.msFrom(10_000)).toBe(100);
  expect(kept.msFrom(11_000)).toBe(0);
  // The machine slept for an hour.
  kept.append(kilobyte(), 3_606_000);
  expect(kept.msFrom(11_000)).toBe(2_000);
});

test("does not read what is not there", () => {
  const kept = new KeptBytes({ spill: undefined });
  kept.append(kilobyte(), 0);
  kept.trim(500);
  expect(() => kept.read(400, 10)).toThrow(RangeError);
  expect(() => kept.read(999, 2)).toThrow(RangeError);
});

import { expect, test } from "@jest/globals";
import { type ContainerEvent, createScanner } from "../../../server/media/container.ts";
import { OpeningScanner } from "../../../server/media/opening-scanner.ts";
import { piecesOf } from "../../helpers/bytes.ts";
import { fixture } from "../../helpers/media-fixtures.ts";
import { only, scan } from "../../helpers/media-scan.ts";
import { tinyWebm } from "../../helpers/tiny-webm.ts";

test.each([["chromium-vp9.webm", "ebml"] as const, ["chromium-h264.mp4", "mp4"] as const])(
  "finds in %s what a scanner finds that was told the family, wherever it begins",
  (name, family) => {
    const bytes = fixture(name);
    for (const largest of [3, 500, 50_000]) {
      const scanner = new OpeningScanner(1_000);
      const found = piecesOf(bytes, largest).flatMap((piece) => scanner.push(piece));
      expect(found).toEqual(scan(family, [bytes], 1_000));
    }
  },
);

test("needs no more bytes than tell the family, and holds those", () => {
  const scanner = new OpeningScanner();
  expect(scanner.push(tinyWebm().subarray(0, 3))).toEqual([]);
  expect(scanner.heldBytes).toBe(3);
});

test("what was refused once is refused from then on, in the same words", () => {
  const scanner = new OpeningScanner();
  const words = "neither WebM, Matroska, MP4 nor FLV: the first bytes are 47657420";
  expect(() => scanner.push(Buffer.from("Get away"))).toThrow(words);
  expect(() => scanner.push(tinyWebm())).toThrow(words);
});

/** What is found from each resync point on, when a scanner that knows the header jumps there. */
function afterJumps(bytes: Uint8Array, all: readonly ContainerEvent[]): ContainerEvent[][] {
  const end = only(all, "init")[0]?.end ?? 0;
  return only(all, "resync").map((point) => {
    const scanner = new OpeningScanner();
    // A few bytes of the first cluster complete the header of a WebM.
    scanner.push(bytes.subarray(0, end + 200));
    scanner.jump(point);
    return scanner.push(bytes.subarray(point.offset));
  });
}

test.each([["chromium-vp9.webm", "ebml"] as const, ["chromium-h264.mp4", "mp4"] as const])(
  "a jump within %s leads to the same events as reading all of it",
  (name, family) => {
    const bytes = fixture(name);
    const all = scan(family, [bytes]);
    const points = only(all, "resync");
    expect(points.length).toBeGreaterThan(1);
    for (const [index, found] of afterJumps(bytes, all).entries()) {
      const point = points[index];
      if (point === undefined) throw new Error("there is a point for each jump");
      const [first, ...rest] = found;
      expect(first).toMatchObject({ type: "resync", time: point.time });
      expect(rest).toEqual(all.slice(all.indexOf(point) + 1));
    }
  },
);

test("a jump forgets damage and what was to be skipped", () => {
  const bytes = tinyWebm(3);
  const all = scan("ebml", [bytes]);
  const last = only(all, "resync").at(-1);
  const scanner = createScanner("ebml");
  scanner.push(bytes.subarray(0, bytes.byteLength / 2));
  scanner.push(Buffer.alloc(500, 0x47));
  scanner.jump({ offset: last?.offset ?? 0 });
  expect(scanner.push(bytes.subarray(last?.offset))).toEqual(
    all.slice(all.findLastIndex(({ type }) => type === "resync")),
  );
});

import { expect, test } from "@jest/globals";
import type { ContainerEvent } from "../../../server/media/container.ts";
import { FramesScanner } from "../../../server/media/frames-scanner.ts";
import { piecesOf } from "../../helpers/bytes.ts";
import { jpegHeader, prefixed } from "../../helpers/images.ts";

const small = prefixed(jpegHeader(160, 90));
const large = prefixed(jpegHeader(320, 180));

/** A scanner on a clock that a test moves. */
function scannerAt(startOffset = 0) {
  const clock = { ms: 5_000 };
  return { scanner: new FramesScanner({ startOffset, now: () => clock.ms }), clock };
}

/** `init`, `resync` and what else, with where or when. */
function brief(events: readonly ContainerEvent[]): string[] {
  return events.map((event) => {
    if (event.type === "init") return `init ${event.offset} ${event.tracks[0]?.width}`;
    return event.type === "frame" ? `frame ${event.time}` : `${event.type} ${event.offset}`;
  });
}

test("the first image begins an epoch without init bytes, and each is a key frame when it came", () => {
  const { scanner, clock } = scannerAt(100);
  const [init, ...rest] = scanner.push(small);
  expect(init).toEqual({
    type: "init",
    offset: 100,
    end: 100,
    kind: "frames",
    tracks: [{ id: 1, kind: "video", codec: "mjpeg", width: 160, height: 90 }],
  });
  expect(rest).toEqual([
    { type: "resync", offset: 100, time: 0 },
    { type: "frame", track: 1, kind: "video", time: 0, key: true },
  ]);
  clock.ms += 16.7;
  expect(brief(scanner.push(small))).toEqual([`resync ${100 + small.byteLength}`, "frame 0.017"]);
});

test("pieces of any size tell the same", () => {
  const stream = Buffer.concat([small, small, small]);
  const expected = brief(scannerAt().scanner.push(stream));
  for (let seed = 1; seed < 50; seed++) {
    const { scanner } = scannerAt();
    expect(brief(piecesOf(stream, 20, seed).flatMap((piece) => scanner.push(piece)))).toEqual(expected);
  }
});

test("images that came in one breath are a millisecond apart, and not too many of them", () => {
  const { scanner, clock } = scannerAt();
  const times = (count: number) =>
    Array.from({ length: count }, () => scanner.push(small)).flatMap((events) =>
      events.flatMap((event) => (event.type === "frame" ? event.time : [])),
    );
  expect(times(3)).toEqual([0, 0.001, 0.002]);
  expect(times(500)).toHaveLength(98);
  clock.ms += 1_000;
  expect(times(2)).toEqual([1, 1.001]);
});

test("another size begins an epoch, but not again and again", () => {
  const { scanner, clock } = scannerAt();
  scanner.push(small);
  clock.ms += 1_999;
  // Too soon: it has no place in the picture.
  expect(scanner.push(large)).toEqual([]);
  expect(brief(scanner.push(small))).toEqual([`resync ${2 * small.byteLength}`, "frame 1.999"]);
  clock.ms += 1;
  expect(brief(scanner.push(large))).toEqual([
    `init ${3 * small.byteLength} 320`,
    `resync ${3 * small.byteLength}`,
    "frame 2",
  ]);
  expect(scanner.push(small)).toEqual([]);
});

test("what is no image is damage, and the next one counts", () => {
  const { scanner } = scannerAt();
  const words = prefixed("no image at all");
  expect(brief(scanner.push(Buffer.concat([small, words, small])))).toEqual([
    "init 0 160",
    "resync 0",
    "frame 0",
    `damage ${small.byteLength}`,
    `resync ${small.byteLength + words.byteLength}`,
    "frame 0.001",
  ]);
});

test("in a log of an earlier life images have the times that they had, or none", () => {
  const at = (index: number) => index * small.byteLength;
  const times = new Map([
    [at(0), 0],
    [at(1), 0.02],
    [at(3), 7.5],
  ]);
  const scanner = new FramesScanner({ timeAt: (offset) => times.get(offset) });
  expect(brief(scanner.push(Buffer.concat([small, small, small])))).toEqual([
    "init 0 160",
    "resync 0",
    "frame 0",
    `resync ${at(1)}`,
    "frame 0.02",
  ]);
  scanner.push(small.subarray(0, 3));
  scanner.jump({ offset: at(3) });
  expect(brief(scanner.push(small))).toEqual([`resync ${at(3)}`, "frame 7.5"]);
});

import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { isLiveError } from "../../../server/core/errors.ts";
import { FLV_TAG } from "../../../server/media/flv-tag.ts";
import { type FlvMessage, FlvWriter } from "../../../server/media/flv-writer.ts";
import { flvs, messagesOf } from "../../helpers/flv.ts";
import { probePackets } from "../../helpers/media-ffmpeg.ts";
import { only, scan } from "../../helpers/media-scan.ts";

function write(messages: readonly FlvMessage[]): Buffer {
  const writer = new FlvWriter();
  return Buffer.concat([...messages.flatMap((message) => writer.push(message)), ...writer.end()]);
}

const video = (timeMs: number, ...body: number[]): FlvMessage => {
  return { type: FLV_TAG.video, timeMs, body: Uint8Array.from([0x17, ...body]) };
};
const audio = (timeMs: number, ...body: number[]): FlvMessage => {
  return { type: FLV_TAG.audio, timeMs, body: Uint8Array.from([0xaf, ...body]) };
};
const describeInit = (file: Uint8Array) =>
  only(scan("flv", [file]), "init").map(({ tracks }) => tracks.map(({ kind }) => kind).toSorted());

describe.each(["both", "reordered", "videoOnly", "audioOnly", "mp3"] as const)("%s of FFmpeg", (name) => {
  const file = flvs[name](2);

  test("taken apart and written again has the same packets, and its header tells of them at once", () => {
    const written = write(messagesOf(file));
    expect(probePackets("flv", written)).toEqual(probePackets("flv", file));
    const [before, after] = [only(scan("flv", [file]), "init"), only(scan("flv", [written]), "init")];
    expect(after.map(({ tracks }) => tracks)).toEqual(before.map(({ tracks }) => tracks));
    expect(written[4]).toBe(file[4]);
  });

  test("is written in any order of its decoder headers so that these come first", () => {
    const messages = messagesOf(file).filter(({ type }) => type !== FLV_TAG.script);
    const headers = messages.filter(({ type, body }) => body[1] === 0 && (type === FLV_TAG.video || body[0] === 0xaf));
    const rest = messages.filter((message) => !headers.includes(message));
    const written = write([...headers.toReversed(), ...rest]);
    expect(describeInit(written)).toEqual(describeInit(file));
  });
});

test("a picture that comes late begins a new file, with what both decoders need", () => {
  const early = Array.from({ length: 60 }, (_, at) => audio(at * 23, 1, 1, 2, 3));
  const file = write([
    audio(0, 0, 0x12, 0x10),
    ...early,
    video(1400, 0, 0, 0, 0),
    video(1400, 1, 0, 0, 0),
    audio(1403, 1),
  ]);
  expect(describeInit(file)).toEqual([["audio"], ["audio", "video"]]);
  expect(only(scan("flv", [file]), "frame")).toHaveLength(62);
});

test("a decoder header that changes begins a new file; one that is said again does not", () => {
  const first = [audio(0, 0, 1), video(0, 0, 1), video(0, 1, 0, 0, 0), audio(0, 1)];
  expect(describeInit(write([...first, video(40, 0, 1), video(40, 1, 0, 0, 0)]))).toHaveLength(1);
  const changed = write([...first, video(40, 0, 2), video(40, 1, 0, 0, 0), audio(40, 1)]);
  expect(describeInit(changed)).toEqual([
    ["audio", "video"],
    ["audio", "video"],
  ]);
});

test("metadata that tells of one kind only is believed: nothing is held back for another", () => {
  const metadata = { type: FLV_TAG.script, timeMs: 0, body: Buffer.from("\0\x0caudiocodecid\0", "latin1") };
  const writer = new FlvWriter();
  expect([metadata, audio(0, 0, 1)].flatMap((message) => writer.push(message))).toEqual([]);
  expect(writer.push(audio(0, 1))).toHaveLength(4);
});

test("what is held back when the publisher ends is written", () => {
  expect(write([])).toHaveLength(0);
  const file = write([video(0, 0, 1), video(0, 1, 0, 0, 0), video(40, 1, 0, 0, 0)]);
  expect(only(scan("flv", [file]), "frame")).toHaveLength(2);
});

test("a header of a megabyte is refused", () => {
  const body = new Uint8Array(1024 * 1024);
  body.set([0x17, 0]);
  expect(() => new FlvWriter().push({ type: FLV_TAG.video, timeMs: 0, body })).toThrow("is longer than");
});

test("random messages are written or refused, in bounded memory, and what is written can be read", () => {
  const message = fc.record({
    type: fc.constantFrom(...Object.values(FLV_TAG)),
    timeMs: fc.nat(0xffffffff),
    body: fc.oneof(
      fc.uint8Array({ maxLength: 40 }),
      fc.tuple(fc.constantFrom(0x17, 0x27, 0xaf, 0x2f, 0x90, 0x91), fc.constantFrom(0, 1, 2)).map((start) => {
        return Uint8Array.from([...start, 0, 0, 0, 1, 2, 3]);
      }),
    ),
  });
  fc.assert(
    fc.property(fc.array(message, { maxLength: 60 }), (messages) => {
      try {
        scan("flv", [write(messages)]);
      } catch (error) {
        if (!isLiveError(error, "bad_container")) throw error;
      }
    }),
    { seed: 3, numRuns: 500 },
  );
});

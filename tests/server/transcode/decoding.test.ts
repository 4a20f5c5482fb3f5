import { expect, test } from "@jest/globals";
import { descendantsOf } from "../../../scripts/example/processes.ts";
import type { DecodeWish } from "../../../server/transcode/decode-command.ts";
import { type DecodedBlock, Decoding } from "../../../server/transcode/decoding.ts";
import { prepareFfmpeg } from "../../../server/transcode/ffmpeg.ts";
import { clips } from "../../helpers/clips.ts";
import { eventually } from "../../helpers/eventually.ts";
import { testRegistry } from "../../helpers/registry.ts";

/** A broadcast that is decoded for real: its log, FFmpeg, and what comes of it. */
async function decode(head: Uint8Array, wish: DecodeWish, take?: (block: DecodedBlock) => Promise<void> | void) {
  await prepareFfmpeg("ffmpeg");
  const on = await testRegistry();
  const publication = await on.registry.publish("channel");
  await publication.write(head);
  await eventually("the broadcast has begun", () => on.begun.length === 1);
  const [broadcast] = on.begun;
  if (broadcast === undefined) throw new Error("no broadcast has begun");
  const blocks: DecodedBlock[] = [];
  const reports: string[] = [];
  const sink = {
    take: (block: DecodedBlock) => {
      blocks.push(block);
      return take?.(block);
    },
    ready: async () => {},
    report: (event: string) => void reports.push(event),
  };
  const decoding = new Decoding(broadcast, { binary: "ffmpeg", wish, sink });
  return {
    publication,
    blocks,
    reports,
    decoding,
    times: () => blocks.map(({ seconds }) => Math.round(seconds * 1000)),
    async [Symbol.asyncDispose]() {
      await decoding[Symbol.asyncDispose]();
      await on[Symbol.asyncDispose]();
    },
  };
}

const decoders = () => descendantsOf(process.pid).filter(({ name }) => name === "ffmpeg");

test("pictures come small, so many a second, with the publisher's times", async () => {
  const clip = clips["H.264 and Opus in Matroska"](2);
  await using on = await decode(clip, { kind: "picture", width: 64, fps: 5 });
  await on.publication.finish({ reason: "finished" });
  await on.decoding.ended;
  expect(on.blocks[0]).toMatchObject({ epoch: 0, format: { kind: "picture", width: 64, height: 36 } });
  expect(on.blocks.every(({ bytes }) => bytes.byteLength === 64 * 36 * 1.5)).toBe(true);
  const [first = 0, ...others] = on.times();
  expect(others.map((time) => Math.round((time - first) / 100))).toEqual(
    [2, 4, 6, 8, 10, 12, 14, 16, 18, 20].slice(0, others.length),
  );
  expect(others.length).toBeGreaterThanOrEqual(9);
});

test("sound comes in stretches of 50 ms", async () => {
  const clip = clips["H.264 and AAC in fragmented MP4"](2);
  await using on = await decode(clip, { kind: "sound" });
  await on.publication.finish({ reason: "finished" });
  await on.decoding.ended;
  expect(on.blocks[0]?.format).toEqual({ kind: "sound", sampleRate: 48_000, channels: 2 });
  expect(on.blocks.slice(0, -1).every(({ bytes }) => bytes.byteLength === 2_400 * 4)).toBe(true);
  expect(on.blocks.length).toBeGreaterThanOrEqual(40);
});

test("what is not there is not decoded, and no process is started for it", async () => {
  await using on = await decode(clips["video only"](1), { kind: "sound" });
  await on.publication.finish({ reason: "finished" });
  await on.decoding.ended;
  expect([on.blocks, on.reports]).toEqual([[], []]);
});

test("a decoder that is killed is started anew, and nothing comes twice or is left out", async () => {
  const clip = clips["VP8 and Opus in WebM"](4);
  await using on = await decode(clip.subarray(0, clip.byteLength / 2), { kind: "picture", width: 64, fps: undefined });
  await eventually("there are pictures", () => on.blocks.length > 10);
  for (const { pid } of decoders()) process.kill(pid, "SIGKILL");
  await eventually("it has failed", () => on.reports.includes("decoder failed"));
  await on.publication.write(clip.subarray(clip.byteLength / 2));
  await on.publication.finish({ reason: "finished" });
  await on.decoding.ended;
  expect(on.blocks).toHaveLength(120);
  expect(on.times()).toEqual([...new Set(on.times())].toSorted((a, b) => a - b));
});

test("FFmpeg waits for who takes its pictures", async () => {
  let release = () => {};
  const taken = new Promise<void>((resolve) => {
    release = resolve;
  });
  await using on = await decode(clips["video only"](2), { kind: "picture", width: 640, fps: undefined }, () => taken);
  await on.publication.finish({ reason: "finished" });
  await eventually("the first is there", () => on.blocks.length === 1);
  await new Promise((resolve) => setImmediate(resolve));
  expect(on.blocks).toHaveLength(1);
  release();
  await on.decoding.ended;
  expect(on.blocks).toHaveLength(60);
});

test("it can be disposed at any time, and leaves no process", async () => {
  const on = await decode(clips["video only"](2), { kind: "picture", width: 64, fps: 5 });
  await eventually("there are pictures", () => on.blocks.length > 0);
  await on[Symbol.asyncDispose]();
  expect(decoders()).toEqual([]);
});

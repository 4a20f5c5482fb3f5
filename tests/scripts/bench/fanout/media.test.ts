import { expect, test } from "@jest/globals";
import { type LoopedChunk, playLoop } from "../../../../scripts/bench/fanout/media.ts";
import { parseChunk } from "../../../../server/media/cmaf.ts";
import { makePicture, makeSound } from "../../../helpers/cmaf.ts";

const loop = { video: makePicture({ seconds: 1 }), audio: makeSound({ seconds: 1 }) };

function play(seconds: number): LoopedChunk[] {
  const chunks: LoopedChunk[] = [];
  for (const chunk of playLoop(loop)) {
    if (chunk.end > seconds) return chunks;
    chunks.push(chunk);
  }
  return chunks;
}

test("both tracks go on without a hole, however often the loop has begun anew", () => {
  for (const [name, track] of Object.entries({ video0: loop.video, audio0: loop.audio })) {
    let end = 0;
    for (const { moof, mdat, ...chunk } of play(5).filter((each) => each.track === name)) {
      const { decodeTime, duration } = parseChunk(moof, track.info);
      expect(decodeTime).toBe(end);
      end += duration;
      expect(chunk.end).toBe(end / track.info.timescale);
      expect(mdat.byteOffset).toBe(moof.byteOffset + moof.byteLength);
    }
    expect(end / track.info.timescale).toBeGreaterThan(4.9);
  }
});

test("chunks come in the order in which they are due", () => {
  const ends = play(5).map(({ end }) => end);
  expect(ends).toEqual(ends.toSorted((a, b) => a - b));
});

test("the loop itself stays as it is", () => {
  const before = Buffer.concat(loop.video.chunks.map(({ moof }) => moof));
  play(3);
  expect(Buffer.concat(loop.video.chunks.map(({ moof }) => moof)).equals(before)).toBe(true);
});

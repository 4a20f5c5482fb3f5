import { describe, expect, test } from "@jest/globals";
import { decodeTimeOf } from "../../../../web/player/socket/decode-time.ts";
import { SoundFiller } from "../../../../web/player/socket/sound-filler.ts";
import { makeSound } from "../../../helpers/cmaf.ts";

const { chunks, info } = makeSound({ seconds: 1, from: 3600 });
const sound = chunks.map(({ moof, mdat, info: { decodeTime } }) => ({
  time: decodeTime / info.timescale,
  bytes: new Uint8Array(Buffer.concat([moof, mdat])),
}));

/** A filler that has noted the first `count` chunks. */
function noted(count: number): SoundFiller {
  const filler = new SoundFiller();
  for (const chunk of sound.slice(0, count)) filler.note(chunk);
  return filler;
}

describe("sound for who hears none", () => {
  test("takes the places that later chunks will have", () => {
    const filled = noted(5).fillTo((sound[10]?.time ?? 0) + 0.001);
    expect(filled.map(decodeTimeOf)).toEqual(sound.slice(5, 11).map(({ bytes }) => decodeTimeOf(bytes)));
    expect(filled[0]?.byteLength).toBe(sound[4]?.bytes.byteLength);
  });

  test("is made once for each place", () => {
    const filler = noted(5);
    expect(filler.fillTo(sound[8]?.time ?? 0)).toHaveLength(3);
    expect(filler.fillTo(sound[8]?.time ?? 0)).toHaveLength(0);
    for (const chunk of sound.slice(5, 7)) filler.note(chunk);
    const more = filler.fillTo((sound[9]?.time ?? 0) + 0.001);
    expect(more.map(decodeTimeOf)).toEqual(sound.slice(8, 10).map(({ bytes }) => decodeTimeOf(bytes)));
  });

  test("is made again after it was taken away", () => {
    const filler = noted(5);
    filler.fillTo(sound[8]?.time ?? 0);
    filler.forget();
    expect(filler.fillTo(sound[8]?.time ?? 0)).toHaveLength(3);
    expect(filler.end).toBeCloseTo(sound[5]?.time ?? 0, 5);
  });

  test("is not made before it is known how long a chunk is", () => {
    expect(new SoundFiller().fillTo(10)).toEqual([]);
    expect(noted(1).fillTo(10_000)).toEqual([]);
  });

  test("begins anew where the sound goes back", () => {
    const filler = noted(20);
    filler.fillTo(3602);
    for (const chunk of sound.slice(0, 3)) filler.note(chunk);
    expect(filler.fillTo(sound[5]?.time ?? 0)).toHaveLength(2);
  });
});

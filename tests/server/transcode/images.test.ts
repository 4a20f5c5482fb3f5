import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { findFfmpeg } from "../../../server/transcode/find-ffmpeg.ts";
import { imagesAsMatroska } from "../../../server/transcode/images.ts";
import { remuxImages } from "../../../server/transcode/remux-images.ts";
import { dice, noise, piecesOf } from "../../helpers/bytes.ts";
import { imageKinds, makeImages, prefixed } from "../../helpers/images.ts";
import { ffmpeg, probePackets } from "../../helpers/media-ffmpeg.ts";
import { tempFolder } from "../../helpers/temp-folder.ts";

const CODECS = { jpeg: "mjpeg", png: "png", webp: "webp" };

/** Unevenly spaced, as cameras are. */
const secondsOf = (index: number) => (index * 40 + (index % 3) * 7) / 1000;

/** Wraps images that lie one after the other; `times` in their order. */
async function wrap(images: readonly Buffer[], times: (index: number) => number | undefined) {
  const messages = images.map((image) => prefixed(image));
  const offsets = messages.map((_, index) => 50 + messages.slice(0, index).reduce((sum, each) => sum + each.length, 0));
  async function* source() {
    yield* piecesOf(Buffer.concat(messages), 5_000);
  }
  const timeAt = (offset: number) => times(offsets.indexOf(offset));
  const pieces: Uint8Array[] = [];
  let end = 0;
  for await (const piece of imagesAsMatroska(source(), { from: 50, timeAt })) {
    pieces.push(piece.bytes);
    end = piece.end;
  }
  return { bytes: Buffer.concat(pieces), end, length: 50 + messages.reduce((sum, each) => sum + each.length, 0) };
}

/** Times in ms and checksums of the pictures that FFmpeg decodes. */
function decode(bytes: Uint8Array, decoder: string): { ms: number; checksum: string }[] {
  const input = [
    "-copyts",
    "-flags",
    "low_delay",
    "-fpsprobesize",
    "0",
    "-c:v",
    decoder,
    "-f",
    "matroska",
    "-i",
    "pipe:0",
  ];
  const output = [
    "-fps_mode",
    "passthrough",
    "-enc_time_base",
    "1:1000",
    "-pix_fmt",
    "rgb24",
    "-f",
    "framecrc",
    "pipe:1",
  ];
  const lines = ffmpeg(["-loglevel", "fatal", ...input, ...output], bytes)
    .toString()
    .split("\n");
  return lines
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map((line) => line.split(",").map((field) => field.trim()))
    .map(([, , time, , , checksum = ""]) => ({ ms: Number(time), checksum }));
}

describe.each(imageKinds)("%s", (kind) => {
  const images = makeImages(kind, 8);
  const decoder = CODECS[kind];

  test("is decoded by FFmpeg, each picture at its time", async () => {
    const { bytes, end, length } = await wrap(images, secondsOf);
    const pictures = decode(bytes, decoder);
    expect(pictures.map(({ ms }) => ms)).toEqual(images.map((_, index) => secondsOf(index) * 1000));
    expect(new Set(pictures.map(({ checksum }) => checksum)).size).toBe(images.length);
    expect(end).toBe(length);
  });

  test("without a time, or of another size, is left out, and still counts as read", async () => {
    const [other = Buffer.alloc(0)] = makeImages(kind, 1, "80x46");
    const { bytes, end, length } = await wrap([...images.slice(0, 3), other, ...images.slice(3)], (index) => {
      return index === 1 || index === 8 ? undefined : index;
    });
    expect(decode(bytes, decoder).map(({ ms }) => ms / 1000)).toEqual([0, 2, 4, 5, 6, 7]);
    expect(end).toBe(length);
  });

  test("whose picture is damaged costs that picture at most", async () => {
    const random = dice(7);
    const hurt = images.map((image, index) => {
      if (index % 2 === 0) return image;
      const damaged = Buffer.from(image);
      // Behind the header, which is looked at before.
      const from = Math.floor(image.byteLength / 2);
      noise(Math.floor(random() * (image.byteLength - from))).copy(damaged, from);
      return damaged;
    });
    const times = decode((await wrap(hurt, secondsOf)).bytes, decoder).map(({ ms }) => ms);
    for (const index of [0, 2, 4, 6]) expect(times).toContain(secondsOf(index) * 1000);
  });

  test("can be sought in after the end, with the times at which it came", async () => {
    await using folder = await tempFolder();
    const from = join(folder.path, "source.frames");
    const to = join(folder.path, "seekable.mkv.part");
    await writeFile(from, Buffer.concat(images.map((image) => prefixed(image))));
    async function* arrivals() {
      for (let index = 0, offset = 0; index < images.length; offset += 4 + (images[index++]?.length ?? 0)) {
        yield { offset, atMs: 1_700_000_000_000.4 + secondsOf(index) * 1000 };
      }
    }
    const { binary } = await findFfmpeg(undefined);
    await remuxImages(binary, { from, to, arrivals: arrivals() }, new AbortController().signal);
    const file = ffmpeg(["-i", to, "-c", "copy", "-f", "matroska", "pipe:1"]);
    const times = probePackets("matroska", file).map(({ time }) => Math.round(time * 1000));
    expect(times).toEqual(images.map((_, index) => secondsOf(index) * 1000));
  });
});

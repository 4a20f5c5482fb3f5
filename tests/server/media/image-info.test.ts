import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { areAlike, readImageInfo } from "../../../server/media/image-info.ts";
import { imageKinds, jpegHeader, makeImages } from "../../helpers/images.ts";
import { ffmpeg } from "../../helpers/media-ffmpeg.ts";

const CODECS = { jpeg: "mjpeg", png: "png", webp: "webp" };

describe.each(imageKinds)("%s", (kind) => {
  const [image = Buffer.alloc(0)] = makeImages(kind, 1, "322x178");

  test("is known by its first bytes", () => {
    expect(readImageInfo(image)).toEqual({ codec: CODECS[kind], width: 322, height: 178 });
  });

  test("is read where it lies in a larger buffer", () => {
    const around = Buffer.concat([Buffer.from("before"), image, Buffer.from("after")]);
    expect(readImageInfo(around.subarray(6, 6 + image.byteLength))).toEqual(readImageInfo(image));
  });

  test("that is cut anywhere is known or is not, and nothing is read behind it", () => {
    for (let length = 0; length < Math.min(image.byteLength, 1000); length++) {
      expect([undefined, 322]).toContain(readImageInfo(image.subarray(0, length))?.width);
    }
  });

  test("that is damaged never throws", () => {
    const edits = fc.array(fc.tuple(fc.nat({ max: 700 }), fc.nat({ max: 255 })), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(edits, (changes) => {
        const damaged = Buffer.from(image);
        for (const [at, byte] of changes) if (at < damaged.byteLength) damaged[at] = byte;
        const info = readImageInfo(damaged);
        expect((info?.width ?? 2) * (info?.height ?? 2)).toBeLessThanOrEqual(8192 * 4320);
      }),
    );
  });
});

test("lossless WebP and WebP with transparency tell their size in ways of their own", () => {
  const picture = ["-f", "lavfi", "-i", "testsrc2=s=322x178:r=1", "-frames:v", "1"];
  const webp = (...options: string[]) => ffmpeg([...picture, ...options, "-f", "image2pipe", "pipe:1"]);
  const lossless = webp("-c:v", "libwebp", "-lossless", "1");
  const clear = webp("-vf", "format=yuva420p,colorchannelmixer=aa=0.5", "-c:v", "libwebp");
  expect([lossless.toString("latin1", 12, 16), clear.toString("latin1", 12, 16)]).toEqual(["VP8L", "VP8X"]);
  for (const image of [lossless, clear])
    expect(readImageInfo(image)).toEqual({ codec: "webp", width: 322, height: 178 });
});

test("what a camera writes before the picture of a JPEG is stepped over", () => {
  const [image = Buffer.alloc(0)] = makeImages("jpeg", 1);
  const exif = Buffer.concat([Buffer.from("ffe1fffe", "hex"), Buffer.alloc(65_532, 0xff)]);
  const fill = Buffer.from("ffff", "hex");
  const long = Buffer.concat([image.subarray(0, 2), exif, exif, fill, image.subarray(2)]);
  expect(readImageInfo(long)).toEqual(readImageInfo(image));
});

test.each([
  ["nothing", ""],
  ["words", "GET / HTTP/1.1\r\nHost: millrace\r\n\r\n"],
  ["a GIF", "GIF89a................................"],
  ["a RIFF that is a sound", "RIFF....WAVEfmt ....................."],
  ["a WebP of an unknown kind", "RIFF....WEBPVP9 ....................."],
])("%s is no image", (_name, text) => {
  expect(readImageInfo(Buffer.from(text))).toBeUndefined();
});

test.each([
  [0, 0],
  [1, 100],
  [8193, 16],
  [8192, 4321],
])("a picture of %i×%i pixels cannot be shown", (width, height) => {
  expect(readImageInfo(jpegHeader(width, height))).toBeUndefined();
});

test("images are alike when one decoder can take both", () => {
  const image = { codec: "png", width: 2, height: 4 } as const;
  expect(areAlike(image, { ...image })).toBe(true);
  for (const other of [{ codec: "webp" } as const, { width: 4 }, { height: 2 }]) {
    expect(areAlike(image, { ...image, ...other })).toBe(false);
  }
});

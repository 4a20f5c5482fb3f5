import { expect, test } from "@jest/globals";
import { RawMatroska } from "../../../server/media/raw-matroska.ts";
import { ffmpeg } from "../../helpers/media-ffmpeg.ts";

const picture = ["-f", "lavfi", "-i", "testsrc2=s=32x18:r=10:d=1"];
const matroska = ["-f", "matroska", "-live", "1", "pipe:1"];

test("takes out the pictures that FFmpeg wrote, with size and times, however the bytes are cut", () => {
  const stream = ffmpeg([...picture, "-pix_fmt", "yuv420p", "-c:v", "rawvideo", ...matroska]);
  const raw = ffmpeg([...picture, "-pix_fmt", "yuv420p", "-f", "rawvideo", "pipe:1"]);
  for (const pieceBytes of [1, 7, 1000, stream.byteLength]) {
    const reader = new RawMatroska();
    const blocks = [];
    for (let at = 0; at < stream.byteLength; at += pieceBytes) {
      blocks.push(...reader.push(stream.subarray(at, at + pieceBytes)));
    }
    expect(blocks.map(({ timeMs }) => timeMs)).toEqual([0, 100, 200, 300, 400, 500, 600, 700, 800, 900]);
    expect(blocks[0]).toMatchObject({ track: 1, format: { kind: "picture", width: 32, height: 18 } });
    expect(Buffer.concat(blocks.map(({ bytes }) => bytes)).equals(raw)).toBe(true);
  }
});

test("takes out sound with its rate and channels", () => {
  const tone = ["-f", "lavfi", "-i", "sine=r=48000:d=0.5", "-ac", "2", "-c:a", "pcm_s16le"];
  const blocks = new RawMatroska().push(ffmpeg([...tone, ...matroska]));
  expect(blocks[0]?.format).toEqual({ kind: "sound", sampleRate: 48_000, channels: 2 });
  expect(blocks.reduce((sum, { bytes }) => sum + bytes.byteLength, 0)).toBe(24_000 * 4);
});

test("each block has a buffer of its own, which can be given away", () => {
  const stream = ffmpeg([...picture, "-pix_fmt", "yuv420p", "-c:v", "rawvideo", ...matroska]);
  for (const { bytes } of new RawMatroska().push(stream)) expect(bytes.byteLength).toBe(bytes.buffer.byteLength);
});

test("refuses what its decoder never writes", () => {
  const huge = Uint8Array.of(0x1f, 0x43, 0xb6, 0x75, 0xff, 0xa3, 0x08, 0xff, 0xff, 0xff, 0xff);
  expect(() => new RawMatroska().push(huge)).toThrow(/element of/);
  const noTrack = Uint8Array.of(0x1f, 0x43, 0xb6, 0x75, 0xff, 0xa3, 0x85, 0x81, 0, 0, 0x80, 1);
  expect(() => new RawMatroska().push(noTrack)).toThrow(/no track/);
});

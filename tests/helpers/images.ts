import { ffmpeg } from "./media-ffmpeg.ts";

/** How each kind of image is made, and where in a stream of them one ends. */
const KINDS = {
  jpeg: { encoder: ["-c:v", "mjpeg", "-q:v", "5"], endOf: (bytes: Buffer) => bytes.indexOf("ffd9", 0, "hex") + 2 },
  png: { encoder: ["-c:v", "png"], endOf: (bytes: Buffer) => bytes.indexOf("IEND") + 8 },
  webp: { encoder: ["-c:v", "libwebp", "-quality", "50"], endOf: (bytes: Buffer) => 8 + bytes.readUInt32LE(4) },
} as const;

/** A kind of image that publishers send. */
export type ImageKind = keyof typeof KINDS;

/** The kinds, for tests of each. */
export const imageKinds: readonly ImageKind[] = ["jpeg", "png", "webp"];

/** Real images of a moving test picture, each another one. */
export function makeImages(kind: ImageKind, count: number, size = "160x90"): Buffer[] {
  const { encoder, endOf } = KINDS[kind];
  const picture = ["-f", "lavfi", "-i", `testsrc2=s=${size}:r=10`, "-frames:v", String(count)];
  let bytes = ffmpeg([...picture, ...encoder, "-f", "image2pipe", "pipe:1"]);
  const images: Buffer[] = [];
  while (bytes.byteLength > 0) {
    const end = endOf(bytes);
    images.push(bytes.subarray(0, end));
    bytes = bytes.subarray(end);
  }
  return images;
}

/** A message as it goes over the wire: four bytes of length before it. */
export function prefixed(message: Uint8Array | string): Buffer {
  const bytes = Buffer.from(message);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.byteLength);
  return Buffer.concat([length, bytes]);
}

/** The beginning of a JPEG that says it has this size, and no picture in it: for what only looks at headers. */
export function jpegHeader(width: number, height: number): Buffer {
  const header = Buffer.from("ffd8ffc0001108000000000301220002110103110", "hex");
  header.writeUInt16BE(height, 7);
  header.writeUInt16BE(width, 9);
  return header;
}

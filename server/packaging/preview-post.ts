import type { IncomingMessage } from "node:http";
import { readImageInfo } from "../media/image-info.ts";

/** The largest image that is taken. */
const MAX_BYTES = 4 * 1024 * 1024;
/** Ticks of the numbers in the addresses. */
const TICKS_PER_SECOND = 100;
const NAME = /^(-?\d{1,10})\.jpg$/;

/** The address of preview images below a run's own, with `%d` for the ticks since `zero` (seconds). */
export function previewPath(zero: number): string {
  return `preview/${zero.toFixed(3)}/%d.jpg`;
}

/** The time that such an address tells, in seconds on the timeline; undefined when it is none. */
export function previewTime(zero = "", name = ""): number | undefined {
  const ticks = NAME.exec(name)?.[1];
  const seconds = Number(zero) + Number(ticks) / TICKS_PER_SECOND;
  return ticks === undefined || !Number.isFinite(seconds) ? undefined : seconds;
}

/** Reads the body to its end; undefined when it is no JPEG, or too large to be one of ours. */
export async function readPreview(request: IncomingMessage): Promise<Uint8Array | undefined> {
  const pieces: Buffer[] = [];
  let length = 0;
  for await (const piece of request) {
    if (!(piece instanceof Uint8Array)) return undefined;
    length += piece.byteLength;
    if (length <= MAX_BYTES) pieces.push(Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength));
  }
  const image = Buffer.concat(pieces);
  return length <= MAX_BYTES && isWholeJpeg(image) ? image : undefined;
}

/** From its first marker to its last (ITU-T T.81, B.2.1): what was cut off is none. */
function isWholeJpeg(image: Buffer): boolean {
  return readImageInfo(image)?.codec === "mjpeg" && image.readUInt16BE(image.byteLength - 2) === 0xffd9;
}

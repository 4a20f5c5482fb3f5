import type { ImageInfo } from "./image-info.ts";
import { ID } from "./matroska-ids.ts";

/** What Video for Windows calls each kind of image: Matroska has no name of its own for all of them. */
const FOUR_CC: Readonly<Record<ImageInfo["codec"], string>> = { mjpeg: "MJPG", png: "MPNG", webp: "WEBP" };
const SIMPLE_BLOCK_KEY = 0x80;
const VIDEO_TRACK = 1;
const MILLISECOND_NS = 1_000_000;
/** Elements that only a writer needs. */
const WRITTEN = { codecPrivate: 0x63a2, flagLacing: 0x9c, trackUid: 0x73c5, muxingApp: 0x4d80, writingApp: 0x5741 };
const UNKNOWN_SIZE = Uint8Array.of(0x01, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff);

/** The beginning of a Matroska stream (RFC 9559) of one track whose every frame is such an image. */
export function matroskaOpening({ codec, width, height }: ImageInfo): Uint8Array {
  const info = element(ID.info, [
    element(ID.timestampScale, [unsigned(MILLISECOND_NS)]),
    element(WRITTEN.muxingApp, [Buffer.from("Millrace")]),
    element(WRITTEN.writingApp, [Buffer.from("Millrace")]),
  ]);
  const track = element(ID.trackEntry, [
    element(ID.trackNumber, [unsigned(1)]),
    element(WRITTEN.trackUid, [unsigned(1)]),
    element(ID.trackType, [unsigned(VIDEO_TRACK)]),
    element(WRITTEN.flagLacing, [unsigned(0)]),
    element(ID.codecId, [Buffer.from("V_MS/VFW/FOURCC")]),
    element(WRITTEN.codecPrivate, [bitmapInfo(FOUR_CC[codec], width, height)]),
    element(ID.video, [element(ID.pixelWidth, [unsigned(width)]), element(ID.pixelHeight, [unsigned(height)])]),
  ]);
  return Buffer.concat([
    element(ID.ebml, [element(ID.docType, [Buffer.from("matroska")])]),
    idBytes(ID.segment),
    UNKNOWN_SIZE,
    info,
    element(ID.tracks, [track]),
  ]);
}

/** One image as a cluster of its own, so that every time has its full length; `timeMs` in whole milliseconds. */
export function matroskaImage(timeMs: number, image: Uint8Array): Uint8Array {
  const block = [Uint8Array.of(0x81, 0, 0, SIMPLE_BLOCK_KEY), image];
  return element(ID.cluster, [element(ID.timestamp, [unsigned(timeMs)]), element(ID.simpleBlock, block)]);
}

/** BITMAPINFOHEADER, which is what the track's CodecPrivate holds. */
function bitmapInfo(fourCc: string, width: number, height: number): Uint8Array {
  const header = Buffer.alloc(40);
  header.writeUInt32LE(40, 0);
  header.writeInt32LE(width, 4);
  header.writeInt32LE(height, 8);
  header.writeUInt16LE(1, 12);
  header.writeUInt16LE(24, 14);
  header.write(fourCc, 16, "latin1");
  return header;
}

function element(id: number, body: readonly Uint8Array[]): Uint8Array {
  const size = body.reduce((sum, part) => sum + part.byteLength, 0);
  return Buffer.concat([idBytes(id), sizeBytes(size), ...body]);
}

function idBytes(id: number): Uint8Array {
  return unsigned(id);
}

/** Four bytes of size: up to 256 MiB (RFC 8794 §6). */
function sizeBytes(size: number): Uint8Array {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(0x10000000 + size);
  return bytes;
}

/** A big-endian number in as few bytes as it takes. */
function unsigned(value: number): Uint8Array {
  const bytes: number[] = [];
  for (let left = value; bytes.length === 0 || left > 0; left = Math.floor(left / 256)) bytes.unshift(left % 256);
  return Uint8Array.from(bytes);
}

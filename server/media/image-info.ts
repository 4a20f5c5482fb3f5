import { MAX_PIXELS, MAX_SIDE } from "./limits.ts";

/** What an image says of itself at its beginning. */
export interface ImageInfo {
  readonly codec: "mjpeg" | "png" | "webp";
  /** Pixels. */
  readonly width: number;
  readonly height: number;
}

/** An encoder needs two by two pixels at least: colour is kept for so many. */
const MIN_SIDE = 2;

/** Reads the header of a JPEG, PNG or WebP image; `undefined` when it is none of them, or none that can be shown. */
export function readImageInfo(image: Uint8Array): ImageInfo | undefined {
  const view = new DataView(image.buffer, image.byteOffset, image.byteLength);
  const info = readJpeg(view) ?? readPng(view) ?? readWebp(view);
  return info !== undefined && isShowable(info) ? info : undefined;
}

/** Whether one decoder can take both. */
export function areAlike(one: ImageInfo, other: ImageInfo): boolean {
  return one.codec === other.codec && one.width === other.width && one.height === other.height;
}

function isShowable({ width, height }: ImageInfo): boolean {
  if (Math.min(width, height) < MIN_SIDE) return false;
  return Math.max(width, height) <= MAX_SIDE && width * height <= MAX_PIXELS;
}

/** Walks from marker to marker up to the frame header (ITU-T T.81, B.1 and B.2.2). */
function readJpeg(view: DataView): ImageInfo | undefined {
  if (view.byteLength < 2 || view.getUint16(0) !== 0xffd8) return undefined;
  for (let at = 2; at + 9 <= view.byteLength; ) {
    if (view.getUint8(at) !== 0xff) return undefined;
    const marker = view.getUint8(at + 1);
    if (marker === 0xff) {
      // Any marker may be preceded by fill bytes.
      at += 1;
      continue;
    }
    if (isFrameHeader(marker)) {
      return { codec: "mjpeg", height: view.getUint16(at + 5), width: view.getUint16(at + 7) };
    }
    // Pictures begin at SOS (0xda): a frame header that has not come by then does not come.
    if (marker < 0xc0 || marker === 0xda) return undefined;
    const length = view.getUint16(at + 2);
    if (length < 2) return undefined;
    at += 2 + length;
  }
  return undefined;
}

/** SOF0 to SOF15; DHT, JPG and DAC lie between them. */
function isFrameHeader(marker: number): boolean {
  return marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
}

/** The signature, then IHDR (PNG, third edition, §5.2 and §11.2.1). */
function readPng(view: DataView): ImageInfo | undefined {
  if (view.byteLength < 24 || view.getUint32(0) !== 0x89504e47 || view.getUint32(4) !== 0x0d0a1a0a) return undefined;
  if (fourCharacters(view, 12) !== "IHDR") return undefined;
  return { codec: "png", width: view.getUint32(16), height: view.getUint32(20) };
}

/** A RIFF file whose first chunk is the picture or tells of it (RFC 9649 §2.5 to §2.7). */
function readWebp(view: DataView): ImageInfo | undefined {
  if (view.byteLength < 30 || fourCharacters(view, 0) !== "RIFF" || fourCharacters(view, 8) !== "WEBP") {
    return undefined;
  }
  const size = webpSize(view);
  return size && { codec: "webp", ...size };
}

function webpSize(view: DataView): { width: number; height: number } | undefined {
  switch (fourCharacters(view, 12)) {
    case "VP8X":
      return { width: 1 + uint24(view, 24), height: 1 + uint24(view, 27) };
    case "VP8L": {
      const bits = view.getUint32(21, true);
      return { width: 1 + (bits & 0x3fff), height: 1 + ((bits >>> 14) & 0x3fff) };
    }
    case "VP8 ":
      // A key frame: 3 bytes of tag, 3 of start code, then 14 bits each (RFC 6386 §9.1).
      return { width: view.getUint16(26, true) & 0x3fff, height: view.getUint16(28, true) & 0x3fff };
    default:
      return undefined;
  }
}

function uint24(view: DataView, at: number): number {
  return view.getUint16(at, true) | (view.getUint8(at + 2) << 16);
}

function fourCharacters(view: DataView, at: number): string {
  return String.fromCharCode(view.getUint8(at), view.getUint8(at + 1), view.getUint8(at + 2), view.getUint8(at + 3));
}

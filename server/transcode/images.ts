import { matroskaImage, matroskaOpening } from "../media/frames-matroska.ts";
import { areAlike, type ImageInfo, readImageInfo } from "../media/image-info.ts";
import { LENGTH_BYTES, MAX_ANNOUNCED_BYTES, PrefixedReader } from "../media/length-prefixed.ts";

const NOTHING = new Uint8Array(0);

/** Where the images begin and when each is shown. */
export interface ImageTimes {
  /** Offset of the first length. */
  readonly from: number;
  /** When the image whose length lies at `offset` is shown, in seconds; undefined leaves it out. */
  readonly timeAt: (offset: number) => number | undefined | Promise<number | undefined>;
}

/** A piece of Matroska, empty for an image that is left out, and the offset up to which images have been read. */
export interface WrappedImages {
  readonly bytes: Uint8Array;
  readonly end: number;
}

/**
 * Wraps length-prefixed images in Matroska, which has times and which FFmpeg reads. The first one that has a time says
 * what all are; others are left out.
 */
export async function* imagesAsMatroska(
  source: AsyncIterable<Uint8Array>,
  { from, timeAt }: ImageTimes,
): AsyncGenerator<WrappedImages> {
  const reader = new PrefixedReader(MAX_ANNOUNCED_BYTES);
  let offset = from;
  let first: ImageInfo | undefined;
  for await (const chunk of source) {
    for (const found of reader.push(chunk)) {
      if (found.type !== "message") throw new Error(`the archive has no image at ${offset}`);
      const time = await timeAt(offset);
      offset += found.bytes.byteLength;
      const image = found.bytes.subarray(LENGTH_BYTES);
      const info = time === undefined ? undefined : readImageInfo(image);
      if (time === undefined || info === undefined || (first !== undefined && !areAlike(info, first))) {
        yield { bytes: NOTHING, end: offset };
        continue;
      }
      if (first === undefined) yield { bytes: matroskaOpening(info), end: offset - found.bytes.byteLength };
      first = info;
      yield { bytes: matroskaImage(Math.round(time * 1000), image), end: offset };
    }
  }
}

import type { MediaTrack } from "./container.ts";
import { h264Picture } from "./h264-picture.ts";

/** What decides whether a picture can be shown as it is, see {@link MediaTrack}. */
export type PictureFacts = Pick<MediaTrack, "pixelAspect" | "rotation" | "interlaced" | "uncommon">;

/** What a container says itself. */
export interface ContainerFacts {
  readonly pixelAspect?: number | undefined;
  readonly rotation?: number | undefined;
  readonly interlaced?: boolean | undefined;
}

/** Pixels this close to square are square: containers round sizes to whole pixels. */
const SQUARE_TOLERANCE = 0.01;
/** A shape beyond this is an error rather than a picture. */
const MAX_ASPECT = 8;

/**
 * What is known of a track's picture. Of its pixels' shape the container has the last word, as in FFmpeg, and of fields
 * the stream, since writers of containers seldom know; `configuration` is the decoder configuration record of H.264.
 */
export function pictureFacts(container: ContainerFacts, configuration: Uint8Array | undefined): PictureFacts {
  const h264 = configuration && h264Picture(configuration);
  const aspect = container.pixelAspect ?? h264?.pixelAspect ?? 1;
  const isSquare = Math.abs(aspect - 1) <= SQUARE_TOLERANCE || !(aspect <= MAX_ASPECT && aspect >= 1 / MAX_ASPECT);
  const { rotation } = container;
  return {
    ...(isSquare ? {} : { pixelAspect: aspect }),
    ...(rotation === 90 || rotation === 180 || rotation === 270 ? { rotation } : {}),
    ...((h264?.interlaced ?? container.interlaced) === true ? { interlaced: true } : {}),
    ...(h264?.common === false ? { uncommon: true } : {}),
  };
}

/** A picture's size as it is shown: upright and with square pixels, as many lines as there are. */
export function shownSize({
  width = 0,
  height = 0,
  pixelAspect = 1,
  rotation,
}: Omit<MediaTrack, "id" | "kind" | "codec">) {
  const wide = Math.round(width * pixelAspect);
  return rotation === 90 || rotation === 270 ? { width: height, height: wide } : { width: wide, height };
}

import { formatImagePlaylist } from "../media/m3u8-images.ts";
import type { ImageMedia } from "../media/m3u8-multivariant.ts";
import type { MpdImages } from "../media/mpd-images.ts";
import type { Presentation } from "./presentation.ts";
import { type TileStretch, type TileTrack, tileStretches } from "./tiles.ts";

/** Folder of the preview images in a recording's folder. */
export const PREVIEWS_FOLDER = "previews";
/** The images' playlist, in that folder. */
export const IMAGE_PLAYLIST_NAME = "playlist.m3u8";
/** The images' representation in a manifest. */
const ID = "previews";
const TIMESCALE = 1000;

/** The playlist of a finished recording's images, in their folder; undefined when there is nothing that they stand for. */
export function imagePlaylist(presentation: Presentation, track: TileTrack): string | undefined {
  const images = tileStretches(presentation, track.times).flatMap(({ discontinuities, zeroMs, tiles }) =>
    tiles.map(({ number, begin, end }) => ({
      uri: `${number}.jpg`,
      seconds: end - begin,
      wallMs: zeroMs + begin * 1000,
      discontinuities,
    })),
  );
  return images.length === 0 ? undefined : formatImagePlaylist(images, track);
}

/** What the multivariant playlist says of it. */
export function imageMedia(presentation: Presentation, track: TileTrack): ImageMedia | undefined {
  const stretches = tileStretches(presentation, track.times);
  if (stretches.length === 0) return undefined;
  const { width, height } = track;
  const bandwidth = bandwidthOf(stretches, track);
  return { uri: `${PREVIEWS_FOLDER}/${IMAGE_PLAYLIST_NAME}`, bandwidth, width, height };
}

/** What a manifest says of them, period by period: each begins after so many discontinuities and at so many seconds. */
export function periodImages(
  presentation: Presentation,
  track: TileTrack,
): (discontinuities: number, begin: number) => MpdImages | undefined {
  const stretches = tileStretches(presentation, track.times);
  const bandwidth = bandwidthOf(stretches, track);
  const ticks = (seconds: number) => Math.round(seconds * TIMESCALE);
  return (discontinuities, begin) => {
    const tiles = stretches.find((stretch) => stretch.discontinuities === discontinuities)?.tiles ?? [];
    const [first] = tiles;
    if (first === undefined) return undefined;
    return {
      id: ID,
      bandwidth,
      width: track.width,
      height: track.height,
      timescale: TIMESCALE,
      presentationTimeOffset: ticks(begin),
      mediaUri: `${PREVIEWS_FOLDER}/$Number$.jpg`,
      firstNumber: first.number,
      timeline: tiles.map((tile) => ({ start: ticks(tile.begin), duration: ticks(tile.end) - ticks(tile.begin) })),
    };
  };
}

/** In bit/s: the largest image in the usual time. The last one of a stretch may be there for an instant only. */
function bandwidthOf(stretches: readonly TileStretch[], { largestBytes }: TileTrack): number {
  const lengths = stretches
    .flatMap(({ tiles }) => tiles.map(({ begin, end }) => end - begin))
    .toSorted((a, b) => a - b);
  return Math.max(1, Math.ceil((largestBytes * 8) / (lengths[lengths.length >> 1] ?? 1)));
}

import { PLAIN_VERSION } from "./m3u8.ts";

/** One image of an image playlist. */
export interface PlaylistImage {
  /** Relative to the playlist. */
  readonly uri: string;
  /** How long it is shown. */
  readonly seconds: number;
  /** Unix time in ms from which on it is shown. */
  readonly wallMs: number;
  /** How many discontinuities lie before it. */
  readonly discontinuities: number;
}

/** Pixels. */
export interface ImageSize {
  readonly width: number;
  readonly height: number;
}

/**
 * The playlist of a finished recording's images, by time (Image Media Playlist 0.4, an extension of HLS that Roku's and
 * other players know): one image in each segment.
 */
export function formatImagePlaylist(images: readonly PlaylistImage[], { width, height }: ImageSize): string {
  const lines = [
    "#EXTM3U",
    `#EXT-X-VERSION:${PLAIN_VERSION}`,
    `#EXT-X-TARGETDURATION:${Math.max(1, ...images.map(({ seconds }) => Math.round(seconds)))}`,
    "#EXT-X-MEDIA-SEQUENCE:0",
    "#EXT-X-PLAYLIST-TYPE:VOD",
    "#EXT-X-IMAGES-ONLY",
    ...images.flatMap(({ uri, seconds, wallMs, discontinuities }, index) => [
      ...(discontinuities === (images[index - 1]?.discontinuities ?? discontinuities) ? [] : ["#EXT-X-DISCONTINUITY"]),
      `#EXT-X-PROGRAM-DATE-TIME:${new Date(wallMs).toISOString()}`,
      `#EXTINF:${seconds.toFixed(5)},`,
      `#EXT-X-TILES:RESOLUTION=${width}x${height},LAYOUT=1x1,DURATION=${seconds.toFixed(3)}`,
      uri,
    ]),
    "#EXT-X-ENDLIST",
  ];
  return `${lines.join("\n")}\n`;
}

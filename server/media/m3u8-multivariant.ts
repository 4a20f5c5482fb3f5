import { PLAIN_VERSION } from "./m3u8.ts";

/** One audio rendition of a multivariant playlist. */
export interface AudioMedia {
  readonly uri: string;
  readonly name: string;
  readonly channels: number | undefined;
}

/** One variant of a multivariant playlist. Bit rates in bit/s with the sound that belongs to it. */
export interface Variant {
  readonly uri: string;
  readonly bandwidth: number;
  readonly averageBandwidth: number;
  readonly codecs: readonly string[];
  readonly size?: { readonly width: number; readonly height: number } | undefined;
  readonly frameRate?: number | undefined;
}

/** A playlist of images (Image Media Playlist 0.4). Bit rate in bit/s, size in pixels. */
export interface ImageMedia {
  readonly uri: string;
  readonly bandwidth: number;
  readonly width: number;
  readonly height: number;
}

const AUDIO_GROUP = "audio";

/** Writes a multivariant playlist (RFC 8216bis §4.4.6). Without a picture the sound is the variant. */
export function formatMultivariantPlaylist(
  variants: readonly Variant[],
  audio: readonly AudioMedia[],
  images?: ImageMedia,
): string {
  const lines = ["#EXTM3U", `#EXT-X-VERSION:${PLAIN_VERSION}`, "#EXT-X-INDEPENDENT-SEGMENTS"];
  for (const [index, { uri, name, channels }] of audio.entries()) {
    const preferred = index === 0 ? "YES" : "NO";
    const about = channels === undefined ? "" : `,CHANNELS="${channels}"`;
    lines.push(
      `#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="${AUDIO_GROUP}",NAME="${name}",DEFAULT=${preferred},AUTOSELECT=YES${about},URI="${uri}"`,
    );
  }
  for (const variant of variants) {
    lines.push(`#EXT-X-STREAM-INF:${variantAttributes(variant, audio.length > 0).join(",")}`, variant.uri);
  }
  if (images !== undefined) {
    const { uri, bandwidth, width, height } = images;
    lines.push(
      `#EXT-X-IMAGE-STREAM-INF:BANDWIDTH=${bandwidth},RESOLUTION=${width}x${height},CODECS="jpeg",URI="${uri}"`,
    );
  }
  return `${lines.join("\n")}\n`;
}

function variantAttributes(variant: Variant, hasAudio: boolean): string[] {
  return [
    `BANDWIDTH=${variant.bandwidth}`,
    `AVERAGE-BANDWIDTH=${variant.averageBandwidth}`,
    `CODECS="${variant.codecs.join(",")}"`,
    ...(variant.size === undefined ? [] : [`RESOLUTION=${variant.size.width}x${variant.size.height}`]),
    ...(variant.frameRate === undefined ? [] : [`FRAME-RATE=${variant.frameRate.toFixed(3)}`]),
    ...(hasAudio ? [`AUDIO="${AUDIO_GROUP}"`] : []),
  ];
}

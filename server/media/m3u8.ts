/** One line of a media playlist that stands for a segment. */
export interface PlaylistSegment {
  /** Relative to the playlist. */
  readonly uri: string;
  readonly seconds: number;
  /** Init segment that it needs, relative to the playlist. */
  readonly mapUri: string;
  /** How many discontinuities lie at or before it in the whole broadcast. */
  readonly discontinuities: number;
  /** Unix time in ms of its first frame. */
  readonly wallMs: number;
  readonly gap: boolean;
}

/** A media playlist (RFC 8216bis §4.4.3). */
export interface MediaPlaylist {
  readonly targetSeconds: number;
  readonly firstNumber: number;
  readonly segments: readonly PlaylistSegment[];
  readonly ended: boolean;
  /** Only for a recording: a live playlist must not carry it. */
  readonly type?: "VOD";
}

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

const AUDIO_GROUP = "audio";

/** Fragmented MP4 and EXT-X-MAP in an ordinary playlist want 6, as does everything that we use (RFC 8216bis §8). */
const VERSION = 7;

/** Writes a media playlist. */
export function formatMediaPlaylist(playlist: MediaPlaylist): string {
  const [first] = playlist.segments;
  const lines = [
    "#EXTM3U",
    `#EXT-X-VERSION:${VERSION}`,
    `#EXT-X-TARGETDURATION:${playlist.targetSeconds}`,
    `#EXT-X-MEDIA-SEQUENCE:${playlist.firstNumber}`,
    `#EXT-X-DISCONTINUITY-SEQUENCE:${first?.discontinuities ?? 0}`,
    ...(playlist.type === undefined ? [] : [`#EXT-X-PLAYLIST-TYPE:${playlist.type}`]),
    "#EXT-X-INDEPENDENT-SEGMENTS",
  ];
  for (const [index, segment] of playlist.segments.entries()) {
    lines.push(...segmentLines(segment, playlist.segments[index - 1]));
  }
  if (playlist.ended) lines.push("#EXT-X-ENDLIST");
  return `${lines.join("\n")}\n`;
}

function segmentLines(segment: PlaylistSegment, previous: PlaylistSegment | undefined): string[] {
  const lines: string[] = [];
  const breaks = previous !== undefined && segment.discontinuities !== previous.discontinuities;
  if (breaks) lines.push("#EXT-X-DISCONTINUITY");
  if (breaks || segment.mapUri !== previous?.mapUri) lines.push(`#EXT-X-MAP:URI="${segment.mapUri}"`);
  lines.push(`#EXT-X-PROGRAM-DATE-TIME:${new Date(segment.wallMs).toISOString()}`);
  if (segment.gap) lines.push("#EXT-X-GAP");
  lines.push(`#EXTINF:${segment.seconds.toFixed(5)},`, segment.uri);
  return lines;
}

/** Writes a multivariant playlist (RFC 8216bis §4.4.6). Without a picture the sound is the variant. */
export function formatMultivariantPlaylist(variants: readonly Variant[], audio: readonly AudioMedia[]): string {
  const lines = ["#EXTM3U", `#EXT-X-VERSION:${VERSION}`, "#EXT-X-INDEPENDENT-SEGMENTS"];
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

/** A part that a media playlist lists. */
export interface ListedPart {
  readonly number: number;
  /** Relative to the playlist. */
  readonly uri: string;
  /** Unix time in ms at which its last picture or sound was there. */
  readonly dueMs: number;
}

/** What a player takes from one version of a media playlist. */
export interface PlaylistView {
  /** The query of the next blocking reload. */
  readonly next: string;
  /** Oldest first. */
  readonly parts: readonly ListedPart[];
}

/** Reads a live media playlist as hls.js does: where it ends, and what is new in it. Also of a delta update. */
export function viewPlaylist(text: string): PlaylistView {
  const parts: ListedPart[] = [];
  let segment = 0;
  let openParts = 0;
  let timeMs = Number.NaN;
  for (const line of text.split("\n")) {
    if (line.startsWith("#EXT-X-MEDIA-SEQUENCE:")) segment = Number(line.slice(22));
    else if (line.startsWith("#EXT-X-SKIP:")) segment += Number(/SKIPPED-SEGMENTS=(\d+)/.exec(line)?.[1]);
    else if (line.startsWith("#EXT-X-PROGRAM-DATE-TIME:")) timeMs = Date.parse(line.slice(25));
    else if (line.startsWith("#EXT-X-PART:")) {
      const [, seconds, uri = "", number] = /DURATION=([\d.]+),URI="([^"]*?(\d+)\.m4s)"/.exec(line) ?? [];
      timeMs += Number(seconds) * 1000;
      parts.push({ number: Number(number), uri, dueMs: timeMs });
      openParts += 1;
    } else if (line.startsWith("#EXTINF:")) {
      segment += 1;
      openParts = 0;
    }
  }
  return { next: `?_HLS_msn=${segment}&_HLS_part=${openParts}&_HLS_skip=YES`, parts };
}

/** The addresses of the first picture's and the first sound's playlist, relative to the multivariant one. */
export function mediaPlaylists(multivariant: string): { readonly video: string; readonly audio: string } {
  const video = /^#EXT-X-STREAM-INF:.*\n(.+)$/m.exec(multivariant)?.[1];
  const audio = /^#EXT-X-MEDIA:.*URI="([^"]+)"/m.exec(multivariant)?.[1];
  if (video === undefined || audio === undefined) throw new Error("a multivariant playlist without picture or sound");
  return { video, audio };
}

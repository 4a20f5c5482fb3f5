/** One segment as a media playlist of ours tells of it. */
export interface ReadSegment {
  /** Relative to the playlist. */
  readonly uri: string;
  readonly seconds: number;
  /** Unix time in ms of its first frame. */
  readonly wallMs: number;
  /** How many EXT-X-DISCONTINUITY stand before it. */
  readonly discontinuities: number;
  readonly gap: boolean;
}

/** Reads the media playlist of a recording, as `formatMediaPlaylist` writes it; what it does not write is passed over. */
export function readMediaPlaylist(text: string): ReadSegment[] {
  const segments: ReadSegment[] = [];
  let discontinuities = 0;
  let [seconds, wallMs, gap] = [0, 0, false];
  for (const line of text.split(/\r?\n/)) {
    const [, tag = "", value = ""] = /^#(EXT[A-Z0-9-]*):?(.*)$/.exec(line) ?? [];
    if (tag === "EXT-X-DISCONTINUITY") discontinuities += 1;
    else if (tag === "EXT-X-PROGRAM-DATE-TIME") wallMs = Date.parse(value);
    else if (tag === "EXT-X-GAP") gap = true;
    else if (tag === "EXTINF") seconds = Number.parseFloat(value);
    else if (line !== "" && !line.startsWith("#")) {
      segments.push({ uri: line, seconds, wallMs, discontinuities, gap });
      gap = false;
    }
  }
  return segments;
}

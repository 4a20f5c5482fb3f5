import { parseAudioConfig } from "./audio-config.ts";
import { Fields } from "./fields.ts";
import { findBox } from "./inner-boxes.ts";
import type { MovieTrack } from "./movie.ts";

/** Pixels as displayed: of tkhd, or of the sample entry where tkhd leaves them out. */
export function displaySize({ width, height, entry }: MovieTrack): { width?: number; height?: number } {
  if (width > 0 && height > 0) return { width, height };
  if (entry.width === undefined || entry.height === undefined) return {};
  return { width: entry.width, height: entry.height };
}

/** Hz and channels of an audio track. */
export function soundOf({ entry, timescale }: MovieTrack): { sampleRate: number; channels?: number } {
  const esds = entry.type === "mp4a" ? findBox(entry.boxes, "esds") : undefined;
  const channels = (esds === undefined ? undefined : parseAudioConfig(esds).channels) ?? entry.channels;
  // A rate of 65536 Hz or more does not fit a sample entry; the timescale of such a track is its rate.
  const rate = { sampleRate: entry.sampleRate || timescale };
  return channels === undefined ? rate : { ...rate, channels };
}

/** How wide a pixel is, in its heights: as the sample entry says (pasp, §12.1.4.2), else by the size that is shown. */
export function pixelAspect({ width, height, entry }: MovieTrack): number | undefined {
  const pasp = findBox(entry.boxes, "pasp");
  if (pasp !== undefined) {
    const fields = new Fields(pasp, "pasp");
    const [across, down] = [fields.u32(), fields.u32()];
    return across > 0 && down > 0 ? across / down : undefined;
  }
  const { width: codedWidth = 0, height: codedHeight = 0 } = entry;
  const isTold = width > 0 && height > 0 && codedWidth > 0 && codedHeight > 0;
  const isSame = width === codedWidth && height === codedHeight;
  return isTold && !isSame ? (width * codedHeight) / (height * codedWidth) : undefined;
}

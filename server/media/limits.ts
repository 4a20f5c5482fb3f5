import { LiveError } from "../core/errors.ts";
import type { MediaTrack } from "./container.ts";
import { shownSize } from "./picture-facts.ts";

/** The tallest and widest picture that is decoded, in pixels: a little above 8K. */
export const MAX_SIDE = 8192;
/** The most pixels of one picture: 8192 × 4320. A decoder needs some 1.5 bytes for each, several pictures at a time. */
export const MAX_PIXELS = 8192 * 4320;
/** Cameras have two tracks; a decoder is opened for each. */
const MAX_TRACKS = 16;

/** Refuses what no camera sends and a decoder would choke on. Throws `bad_container`. */
export function refuseImpossible(tracks: readonly MediaTrack[]): void {
  if (tracks.length > MAX_TRACKS) {
    throw new LiveError("bad_container", `the stream has ${tracks.length} tracks, at most ${MAX_TRACKS} are taken`);
  }
  const sizes = tracks.flatMap((track) => [{ width: track.width ?? 0, height: track.height ?? 0 }, shownSize(track)]);
  for (const { width, height } of sizes) {
    if (Math.max(width, height) <= MAX_SIDE && width * height <= MAX_PIXELS) continue;
    const most = `at most ${MAX_SIDE} on a side and ${MAX_PIXELS} in all are taken`;
    throw new LiveError("bad_container", `a picture of ${width}×${height} pixels is too large: ${most}`);
  }
}

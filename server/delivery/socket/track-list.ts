import { factsOf } from "../../packaging/facts.ts";
import type { Presentation } from "../../packaging/presentation.ts";
import type { LiveTrack } from "../../protocol/live.ts";

/** The tracks that can be had now, as the socket tells them. */
export function describeTracks(presentation: Presentation): LiveTrack[] {
  return presentation.begun.flatMap((track) => {
    const facts = factsOf(track);
    if (facts === undefined) return [];
    const { codecs, size, frameRate, bandwidth } = facts;
    const isMeasured = track.window.count > 0;
    return {
      index: presentation.indexOf(track),
      name: track.name,
      kind: track.kind,
      codecs,
      ...size,
      ...(isMeasured ? { bandwidth } : {}),
      ...(isMeasured && frameRate !== undefined ? { frameRate } : {}),
    };
  });
}

/** Changes when a player should know: codecs, sizes, and bit rates that are half as high again. */
export function signatureOf(tracks: readonly LiveTrack[]): string {
  return JSON.stringify(
    tracks.map(({ bandwidth, frameRate: _, ...rest }) => ({
      ...rest,
      step: bandwidth === undefined ? 0 : Math.round(Math.log2(bandwidth) * 2),
    })),
  );
}

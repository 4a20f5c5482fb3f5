import type { RunInit, Segment } from "./segment.ts";
import type { Boundary } from "./timeline.ts";

/** A segment for which nothing arrived: it is listed, so that numbers stay those of the other tracks. */
export function gapSegment(boundary: Boundary, seconds: number, { run, info }: RunInit): Segment {
  return {
    row: {
      number: boundary.number,
      run,
      start: Math.round(boundary.time * info.timescale),
      duration: Math.round(seconds * info.timescale),
      bytes: 0,
      samples: 0,
      boundary,
      gap: true,
    },
    bytes: new Uint8Array(0),
    parts: [],
  };
}

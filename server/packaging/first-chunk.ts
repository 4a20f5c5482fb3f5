import { SMALL_HEADER_BYTES } from "../media/box-header.ts";
import type { TrackInit } from "../media/cmaf.ts";
import { beginsWithIdr } from "../media/h264-units.ts";
import { producerReferenceTime } from "../media/prft.ts";
import type { OpenSegment } from "./open-segment.ts";
import type { Chunk } from "./segment.ts";
import { type Boundary, LATE_SECONDS } from "./timeline.ts";

/** Whether the `mdat` of what is called a key frame begins with none that a player can begin at. */
export function isFalseKey(mdat: Uint8Array, { lengthBytes }: TrackInit): boolean {
  return lengthBytes !== undefined && !beginsWithIdr(mdat.subarray(SMALL_HEADER_BYTES), lengthBytes);
}

/** The first chunk of a segment tells when it was where (prft), for players that reckon with that. */
export function withTime(chunk: Chunk, { boundary, init }: OpenSegment): Chunk {
  const { trackId, timescale } = init.info;
  const wallMs = boundary.wallMs + (chunk.decodeTime / timescale - boundary.time) * 1000;
  const time = producerReferenceTime({ trackId, mediaTime: chunk.decodeTime, wallMs });
  return { ...chunk, bytes: Buffer.concat([time, chunk.bytes]) };
}

/** Where a segment begins, in ticks: with its first chunk, unless that is late. */
export function startOf({ time }: Chunk, boundary: Boundary, timescale: number): number {
  const isLate = time / timescale - boundary.time > LATE_SECONDS;
  return isLate ? Math.round(boundary.time * timescale) : time;
}

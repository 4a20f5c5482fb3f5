import type { LiveClock } from "../../../server/protocol/live.ts";

/** The Unix time in ms at which a media time reached the server. */
export function wallOf(clock: LiveClock, mediaSeconds: number): number {
  return clock.wallMs + (mediaSeconds - clock.mediaSeconds) * 1000;
}

/** The media time in seconds that reached the server at a Unix time in ms. */
export function mediaOf(clock: LiveClock, wallMs: number): number {
  return clock.mediaSeconds + (wallMs - clock.wallMs) / 1000;
}

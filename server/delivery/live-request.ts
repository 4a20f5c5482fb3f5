import { z } from "zod";
import { LiveError } from "../core/errors.ts";
import type { LiveEntry, LiveStore } from "../packaging/live-store.ts";
import type { Presentation } from "../packaging/presentation.ts";
import type { Track } from "../packaging/track.ts";
import { broadcastId, channelName } from "../protocol/names.ts";

/** The address of a channel. */
export const channelParams = z.object({ channel: channelName });
/** The address of one of a broadcast's tracks. */
export const trackParams = channelParams.extend({ broadcast: broadcastId, track: z.string().regex(/^[a-z]+\d{1,3}$/) });

/** A track that somebody asks for, and what it is part of. */
export interface AskedTrack {
  readonly presentation: Presentation;
  readonly track: Track;
}

/** What plays on a channel; throws when there is nothing (yet). */
export function playableOn(store: LiveStore, params: unknown): LiveEntry {
  const { channel } = channelParams.parse(params);
  const entry = store.onChannel(channel);
  if (entry === undefined) throw new LiveError("not_found", `the channel ${channel} is not live`);
  if (entry.presentation.isReady) return entry;
  throw new LiveError("not_found", `the channel ${channel} has nothing to play yet; try again in a second`);
}

/** A track by its address; throws when it is not there (any more). */
export function trackAt(store: LiveStore, params: z.infer<typeof trackParams>): AskedTrack {
  const entry = store.broadcast(params.broadcast);
  const track = entry?.channel === params.channel ? entry.presentation.track(params.track) : undefined;
  if (entry === undefined || track?.hasBegun !== true) {
    throw new LiveError("not_found", "there is no such track (any more)");
  }
  return { presentation: entry.presentation, track };
}

/** How long requests of a presentation are held at most: three target durations (RFC 8216bis §6.2.5.2). */
export function longestHoldMs({ targetSeconds }: Presentation): number {
  return 3 * targetSeconds * 1000;
}

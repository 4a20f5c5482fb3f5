import type { onRequestHookHandler } from "fastify";
import { z } from "zod";
import { LiveError } from "../core/errors.ts";
import type { LiveEntry, LiveStore } from "../packaging/live-store.ts";
import type { Presentation } from "../packaging/presentation.ts";
import type { Track } from "../packaging/track.ts";
import { broadcastId, channelName } from "../protocol/names.ts";
import { type Demand, summon } from "./demand.ts";
import type { Leaving } from "./hold.ts";
import type { TextCache } from "./text-cache.ts";

/** What the routes of playlists and manifests need. */
export interface PlaylistRoutesOptions {
  readonly store: LiveStore;
  readonly texts: TextCache;
  readonly demand: Demand;
  /** Comes before what newcomers ask for first. */
  readonly entrance: onRequestHookHandler;
}

/** The address of a channel. */
const channelParams = z.object({ channel: channelName });
/** The address of one of a broadcast's tracks. */
const trackParams = channelParams.extend({ broadcast: broadcastId, track: z.string().regex(/^[a-z]+\d{1,3}$/) });

/** What the router found in an address; nobody has looked at it. */
export type ChannelAddress = Readonly<Record<"channel", string>>;
export type TrackAddress = Readonly<Record<"channel" | "broadcast" | "track", string>>;

/** A track that somebody asks for, and what it is part of. */
export interface AskedTrack {
  readonly presentation: Presentation;
  readonly track: Track;
}

/** What plays on a channel, also when it has to be started first; rejects when there is nothing (yet). */
export async function playableOn(
  { store, demand }: Pick<PlaylistRoutesOptions, "store" | "demand">,
  address: ChannelAddress,
  request: Leaving,
): Promise<LiveEntry> {
  await summon({ store, demand, channel: address.channel, request });
  const entry = store.onChannel(address.channel);
  if (entry?.presentation.isReady === true) return entry;
  const { channel } = channelParams.parse(address);
  if (entry === undefined) throw new LiveError("not_found", `the channel ${channel} is not live`);
  throw new LiveError("not_found", `the channel ${channel} has nothing to play yet; try again in a second`);
}

/** A track by its address; throws when it is not there (any more). Only then it matters whether it could ever be. */
export function trackAt(store: LiveStore, address: TrackAddress): AskedTrack {
  const entry = store.broadcast(address.broadcast);
  const track = entry?.channel === address.channel ? entry.presentation.track(address.track) : undefined;
  if (entry !== undefined && track?.init !== undefined) return { presentation: entry.presentation, track };
  trackParams.parse(address);
  throw new LiveError("not_found", "there is no such track (any more)");
}

/** How long requests of a presentation are held at most: three target durations (RFC 8216bis §6.2.5.2). */
export function longestHoldMs({ targetSeconds }: Presentation): number {
  return 3 * targetSeconds * 1000;
}

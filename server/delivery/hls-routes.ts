import type { FastifyPluginAsync } from "fastify";
import { LiveError } from "../core/errors.ts";
import { FRESH } from "../core/http-headers.ts";
import { sendText } from "../core/send-text.ts";
import { isListed, isTooFar, type WantedEdge } from "../packaging/edge.ts";
import { livePlaylist, multivariantPlaylist, PLAYLIST_NAME } from "../packaging/hls.ts";
import type { Presentation } from "../packaging/presentation.ts";
import type { Track } from "../packaging/track.ts";
import { parseDirectives, type Query } from "./directives.ts";
import { hold, type Leaving } from "./hold.ts";
import {
  type AskedTrack,
  type ChannelAddress,
  longestHoldMs,
  type PlaylistRoutesOptions,
  playableOn,
  type TrackAddress,
  trackAt,
} from "./live-request.ts";

const TYPE = "application/vnd.apple.mpegurl";
/** A playlist with a certain part is worth keeping for as long as anybody may ask for that part, in target durations. */
const BLOCKED_CACHE_TARGETS = 6;

/** HLS and LL-HLS (RFC 8216bis): one set of playlists for both. */
export const hlsRoutes: FastifyPluginAsync<PlaylistRoutesOptions> = async (app, options) => {
  const { store, texts, entrance } = options;
  app.get<{ Params: ChannelAddress }>("/live/:channel/master.m3u8", { onRequest: entrance }, async (request, reply) => {
    const { presentation, broadcast } = await playableOn(options, request.params, request.raw);
    const text = texts.get(presentation, "master", () => multivariantPlaylist(presentation, `${broadcast}/`));
    return sendText(request, reply, { type: TYPE, cache: FRESH, text });
  });

  app.get<{ Params: TrackAddress; Querystring: Query }>(
    `/live/:channel/:broadcast/:track/${PLAYLIST_NAME}`,
    async (request, reply) => {
      const asked = trackAt(store, request.params);
      const { presentation, track } = asked;
      refuseRetired(track);
      // What has ended never changes: whatever is asked for, it is the answer.
      const { wanted, delta } = presentation.ended
        ? { wanted: undefined, delta: false }
        : parseDirectives(request.query);
      if (wanted !== undefined) await reach(asked, wanted, request.raw);
      refuseRetired(track);
      const text = texts.get(presentation, delta ? `${track.name} delta` : track.name, () =>
        livePlaylist(presentation, track, delta),
      );
      const cache = wanted === undefined ? FRESH : cacheOfBlocked(presentation);
      return sendText(request, reply, { type: TYPE, cache, text });
    },
  );
};

/** Waits until the playlist has what is asked for (§6.2.5.2). */
async function reach({ presentation, track }: AskedTrack, wanted: WantedEdge, request: Leaving): Promise<void> {
  if (isListed(track, wanted)) return;
  if (isTooFar(track, wanted)) {
    throw new LiveError("bad_request", "what is asked for is too far ahead of the playlist");
  }
  const isThere = () => (presentation.ended || track.isRetired || isListed(track, wanted) ? true : undefined);
  await hold({ pulse: track.moved, request, limitMs: longestHoldMs(presentation) }, isThere);
}

/** Players do not read the multivariant playlist again: this is how they learn to take another rendition. */
function refuseRetired({ name, isRetired }: Track): void {
  if (isRetired) throw new LiveError("not_found", `${name} is not made any more; the others go on`);
}

function cacheOfBlocked({ targetSeconds }: Presentation): string {
  return `public, max-age=${BLOCKED_CACHE_TARGETS * targetSeconds}`;
}

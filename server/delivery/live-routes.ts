import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import { wallMs } from "../core/clock.ts";
import { LiveError } from "../core/errors.ts";
import { allowOtherSites, FOREVER, FRESH } from "../core/http-headers.ts";
import { manifest } from "../packaging/dash.ts";
import { mediaPlaylist, multivariantPlaylist, PLAYLIST_NAME } from "../packaging/hls.ts";
import type { LiveEntry, LiveStore } from "../packaging/live-store.ts";
import type { Track } from "../packaging/track.ts";
import { broadcastId, channelName } from "../protocol/names.ts";
import { TextCache } from "./text-cache.ts";

const HLS_TYPE = "application/vnd.apple.mpegurl";
const DASH_TYPE = "application/dash+xml";

const channelParams = z.object({ channel: channelName });
const trackParams = channelParams.extend({ broadcast: broadcastId, track: z.string().regex(/^[a-z]+\d{1,3}$/) });
const mediaParams = trackParams.extend({
  run: z.coerce.number().int().nonnegative(),
  file: z.union([z.literal("init.mp4"), z.string().regex(/^\d{1,12}\.m4s$/)]),
});

/** Everything below `/live` that plays over plain HTTP: playlists, manifests, init segments and segments, from memory. */
export const liveRoutes: FastifyPluginAsync<{ readonly store: LiveStore }> = async (app, { store }) => {
  const texts = new TextCache();
  allowOtherSites(app, "/live");

  app.get("/live/:channel/master.m3u8", async (request, reply) => {
    const entry = playable(store, request);
    const text = texts.get(entry.presentation, "master", () =>
      multivariantPlaylist(entry.presentation, `${entry.broadcast}/`),
    );
    return sendText(reply, HLS_TYPE, text);
  });

  app.get("/live/:channel/manifest.mpd", async (request, reply) => {
    const entry = playable(store, request);
    const clockUrl = `${request.protocol}://${request.host}/time`;
    const text = texts.get(entry.presentation, clockUrl, () =>
      manifest(entry.presentation, { extent: "window", folder: `${entry.broadcast}/`, clockUrl, nowMs: wallMs() }),
    );
    return sendText(reply, DASH_TYPE, text);
  });

  app.get(`/live/:channel/:broadcast/:track/${PLAYLIST_NAME}`, async (request, reply) => {
    const { entry, track } = trackOf(store, trackParams.parse(request.params));
    const text = texts.get(entry.presentation, track.name, () => mediaPlaylist(entry.presentation, track, "window"));
    return sendText(reply, HLS_TYPE, text);
  });

  app.get("/live/:channel/:broadcast/:track/:run/:file", async (request, reply) => {
    const { run, file, ...params } = mediaParams.parse(request.params);
    const { track } = trackOf(store, params);
    const bytes = file === "init.mp4" ? track.window.init(run)?.bytes : segmentBytes(track, run, file);
    if (bytes === undefined) throw new LiveError("not_found", `${track.name} has no ${file} of run ${run} (any more)`);
    return reply.type(`${track.kind}/mp4`).header("cache-control", FOREVER).send(bytes);
  });
};

function playable(store: LiveStore, request: FastifyRequest): LiveEntry {
  const { channel } = channelParams.parse(request.params);
  const entry = store.onChannel(channel);
  if (entry === undefined) throw new LiveError("not_found", `the channel ${channel} is not live`);
  if (entry.presentation.isReady) return entry;
  throw new LiveError("not_found", `the channel ${channel} has nothing to play yet; try again in a second`);
}

function trackOf(store: LiveStore, params: z.infer<typeof trackParams>): { entry: LiveEntry; track: Track } {
  const entry = store.broadcast(params.broadcast);
  const track = entry?.channel === params.channel ? entry.presentation.track(params.track) : undefined;
  if (entry === undefined || track?.init === undefined) {
    throw new LiveError("not_found", "there is no such track (any more)");
  }
  return { entry, track };
}

function segmentBytes(track: Track, run: number, file: string): Uint8Array | undefined {
  return track.window.segment(run, Number.parseInt(file, 10))?.bytes;
}

function sendText(reply: FastifyReply, type: string, text: string): FastifyReply {
  return reply.type(type).header("cache-control", FRESH).send(text);
}

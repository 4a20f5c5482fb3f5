import type { FastifyPluginAsync } from "fastify";
import { LiveError } from "../core/errors.ts";
import { allowOtherSites } from "../core/http-headers.ts";
import type { LiveStore } from "../packaging/live-store.ts";
import type { Admission } from "./admission.ts";
import { dashRoutes } from "./dash-routes.ts";
import { type Demand, NO_DEMAND } from "./demand.ts";
import { countViewers, entrance } from "./door.ts";
import { hlsRoutes } from "./hls-routes.ts";
import { mediaEventRoutes } from "./media-event-routes.ts";
import { mediaRoutes } from "./media-routes.ts";
import { previewRoutes } from "./preview-routes.ts";
import { TextCache } from "./text-cache.ts";
import { cmcdRoutes, countPlayers } from "./viewers/count-players.ts";
import type { ViewerBook } from "./viewers/viewer-book.ts";

/** What the routes need. */
export interface LiveRoutesOptions {
  readonly store: LiveStore;
  readonly admission: Pick<Admission, "refusalOf" | "serve">;
  /** Who watches; undefined counts nobody one by one. */
  readonly book?: ViewerBook;
  /** Channels that begin when somebody wants to watch them. */
  readonly demand?: Demand;
}

/** Everything below `/live` that plays over plain HTTP: playlists, manifests, init segments, segments and parts. */
export const liveRoutes: FastifyPluginAsync<LiveRoutesOptions> = async (app, parts) => {
  const { store, admission, demand = NO_DEMAND } = parts;
  const texts = new TextCache();
  // Nothing below is worth a logger for each of thousands of requests a second.
  app.setChildLoggerFactory((logger) => logger);
  allowOtherSites(app, "/live");
  const onRequest = entrance(admission);
  // Looking at a picture of what is on is not watching: it counts for nobody, and keeps no camera on.
  await app.register(previewRoutes, { store });
  await app.register(mediaEventRoutes, { store });
  await app.register(async (watched) => {
    countViewers(watched, admission);
    if (parts.book !== undefined) countPlayers(watched, parts.book);
    watched.addHook<{ Params: { channel?: string } }>("preHandler", (request, _reply, done) => {
      if (request.params.channel !== undefined) demand.touch(request.params.channel);
      done();
    });
    await watched.register(hlsRoutes, { store, texts, demand, entrance: onRequest });
    await watched.register(dashRoutes, { store, texts, demand, entrance: onRequest });
    await watched.register(mediaRoutes, { store });
  });
  const isThere = (channel: string) => store.onChannel(channel) !== undefined;
  if (parts.book !== undefined) await app.register(cmcdRoutes, { book: parts.book, isThere });
  // Players on other sites shall be able to read also that there is nothing.
  app.get("/live/*", async (request) => {
    throw new LiveError("not_found", `there is nothing at ${request.url.split("?", 1)[0]}`);
  });
};

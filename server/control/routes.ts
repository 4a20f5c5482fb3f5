import type { FastifyPluginAsync } from "fastify";
import { z } from "zod";
import { wallMs } from "../core/clock.ts";
import type { LiveBroadcast, LiveStats } from "../protocol/api.ts";
import { channelName } from "../protocol/names.ts";

/** What is live, as the API tells it. */
export interface LiveChannels {
  /** Oldest first. */
  list(): readonly LiveBroadcast[];
  on(channel: string): LiveBroadcast | undefined;
  stats(): LiveStats;
  /** Channels that are not live and begin when somebody watches them. */
  onOffer(): readonly string[];
}

const params = z.object({ channel: channelName });

/** The open part of the API (contract §8): channels, the server's clock and its health. */
export const controlRoutes: FastifyPluginAsync<{ readonly channels: LiveChannels }> = async (app, { channels }) => {
  app.addHook("onRequest", async (_request, reply) => void reply.header("cache-control", "no-store"));

  app.get("/healthz", async () => ({ status: "ok" }));

  // For UTCTiming: players on other sites ask, too.
  app.get("/time", async (_request, reply) =>
    reply
      .header("access-control-allow-origin", "*")
      .type("text/plain; charset=utf-8")
      .send(new Date(wallMs()).toISOString()),
  );

  app.get("/api/v1/stats", async () => channels.stats());

  app.get("/api/v1/channels", async () => ({
    items: [
      ...channels.list().map((broadcast) => ({ name: broadcast.channel, live: true, onDemand: false, broadcast })),
      ...offers(channels).map((name) => ({ name, live: false, onDemand: true, broadcast: null })),
    ],
  }));

  app.get("/api/v1/channels/:channel", async (request) => {
    const { channel } = params.parse(request.params);
    const broadcast = channels.on(channel) ?? null;
    const onDemand = broadcast === null && offers(channels).includes(channel);
    return { name: channel, live: broadcast !== null, onDemand, broadcast };
  });
};

/** Somebody else may be live there. */
function offers(channels: LiveChannels): string[] {
  return channels.onOffer().filter((name) => channels.on(name) === undefined);
}

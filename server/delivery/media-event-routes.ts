import type { FastifyPluginAsync } from "fastify";
import { z } from "zod";
import { LiveError } from "../core/errors.ts";
import { FRESH } from "../core/http-headers.ts";
import type { LiveStore } from "../packaging/live-store.ts";
import { channelName } from "../protocol/names.ts";
import type { ChannelAddress } from "./live-request.ts";

/** `from`: only what is not over before this moment, in seconds on the broadcast's timeline. */
const query = z.object({ from: z.coerce.number().finite().default(Number.NEGATIVE_INFINITY) });

/** What analysis has seen and heard lately in what is live on a channel (docs/analysis.md). */
export const mediaEventRoutes: FastifyPluginAsync<{ readonly store: LiveStore }> = async (app, { store }) => {
  app.get<{ Params: ChannelAddress }>("/live/:channel/events.json", async (request, reply) => {
    const channel = channelName.parse(request.params.channel);
    const entry = store.onChannel(channel);
    if (entry === undefined) throw new LiveError("not_found", `the channel ${channel} is not live`);
    reply.header("cache-control", FRESH);
    return { items: entry.presentation.events.from(query.parse(request.query).from) };
  });
};

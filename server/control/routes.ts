import { z } from "zod";
import { clientAddress } from "../core/client-address.ts";
import { wallMs } from "../core/clock.ts";
import { channel, channelList, type LiveBroadcast, tokenQuery } from "../protocol/api.ts";
import { type MadeChannel, PLAIN_CHANNEL } from "../protocol/channels.ts";
import { channelName } from "../protocol/names.ts";
import { type AdminRule, isAdmin } from "./admin.ts";
import type { ChannelStore } from "./channels/channel-store.ts";
import type { Watching } from "./permission/watching.ts";
import { type ApiRoutes, PROBLEMS } from "./route.ts";

/** What is live, as the API tells it. */
interface LiveChannels {
  /** Oldest first. */
  list(): readonly LiveBroadcast[];
  on(channel: string): LiveBroadcast | undefined;
  /** Channels that are not live and begin when somebody watches them. */
  onOffer(): readonly string[];
}

/** What the routes need. */
export interface LiveRoutesOptions {
  readonly admin: AdminRule;
  readonly channels: LiveChannels;
  readonly store: Pick<ChannelStore, "list" | "get">;
  readonly watching: Watching;
  /** Why the server can take no further broadcast, in words. */
  readonly problems: () => Promise<readonly string[]>;
}

const params = z.object({ channel: channelName });
type Channel = z.infer<typeof channel>;

/** The open part of the API (contract §8): channels, the server's clock and its health. */
export const openRoutes: ApiRoutes<LiveRoutesOptions> = async (app, options) => {
  const { admin, channels, store, watching } = options;
  const about = (summary: string) => ({ tags: ["channels"], summary });

  app.get("/healthz", { schema: { hide: true } }, async () => ({ status: "ok" }));

  // For who sends people here: a server that can take no broadcast is alive, and not ready.
  app.get("/healthz/ready", { schema: { hide: true } }, async (_request, reply) => {
    const problems = await options.problems();
    return reply
      .code(problems.length === 0 ? 200 : 503)
      .send({ status: problems.length === 0 ? "ok" : "not ready", problems });
  });

  // For UTCTiming: players on other sites ask, too.
  app.get("/time", { schema: { hide: true } }, async (_request, reply) =>
    reply
      .header("access-control-allow-origin", "*")
      .type("text/plain; charset=utf-8")
      .send(new Date(wallMs()).toISOString()),
  );

  app.get(
    "/api/v1/channels",
    {
      schema: {
        ...about(
          "Channels that are live, begin when somebody watches, or have been made; who may watch by link only is left out for all but the operator",
        ),
        response: { 200: channelList, ...PROBLEMS },
      },
    },
    async (request) => {
      const mayAll = isAdmin(admin, request.headers.authorization, clientAddress(request));
      const made = new Map(store.list().map((each) => [each.name, each]));
      const live = channels.list().map(({ channel: name }) => name);
      const names = [...new Set([...live, ...offers(channels), ...made.keys()])];
      const items = names.map((name) => describe(name, made.get(name), channels));
      return { items: items.filter(({ name }) => mayAll || watching.isOpen(name)) };
    },
  );

  app.get(
    "/api/v1/channels/:channel",
    {
      schema: {
        ...about("One channel; any valid name is answered. With `token`, `refusal` says whether its holder may watch"),
        params,
        querystring: tokenQuery,
        response: { 200: channel, ...PROBLEMS },
      },
    },
    async (request) => {
      const name = request.params.channel;
      const refusal = watching.refusal(name, request.query.token);
      return { ...describe(name, store.get(name), channels), refusal };
    },
  );
};

function describe(name: string, made: MadeChannel | undefined, channels: LiveChannels): Channel {
  const { title, description, watch } = made ?? PLAIN_CHANNEL;
  const broadcast = channels.on(name) ?? null;
  const onDemand = broadcast === null && offers(channels).includes(name);
  return { name, title, description, watch, refusal: null, live: broadcast !== null, onDemand, broadcast };
}

/** Somebody else may be live there. */
function offers(channels: LiveChannels): string[] {
  return channels.onOffer().filter((name) => channels.on(name) === undefined);
}

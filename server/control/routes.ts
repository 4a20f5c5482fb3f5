import { z } from "zod";
import { wallMs } from "../core/clock.ts";
import { LiveError, messageOf } from "../core/errors.ts";
import { channel, channelList, type LiveBroadcast } from "../protocol/api.ts";
import { type MadeChannel, PLAIN_CHANNEL } from "../protocol/channels.ts";
import { channelName } from "../protocol/names.ts";
import { type AdminRule, isAdmin } from "./admin.ts";
import type { ChannelStore } from "./channels/channel-store.ts";
import type { WatchLinks } from "./permission/watch-links.ts";
import { type ApiRoutes, PROBLEMS } from "./route.ts";

/** What is live, as the API tells it. */
export interface LiveChannels {
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
  readonly links: Pick<WatchLinks, "check">;
}

const params = z.object({ channel: channelName });
const query = z.object({ token: z.string().max(256).optional() });
type Channel = z.infer<typeof channel>;

/** The open part of the API (contract §8): channels, the server's clock and its health. */
export const openRoutes: ApiRoutes<LiveRoutesOptions> = async (app, options) => {
  const { admin, channels, store, links } = options;
  const about = (summary: string) => ({ tags: ["channels"], summary });

  app.get("/healthz", { schema: { hide: true } }, async () => ({ status: "ok" }));

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
      const mayAll = isAdmin(admin, request.headers.authorization, request.socket.remoteAddress);
      const made = new Map(store.list().map((each) => [each.name, each]));
      const live = channels.list().map(({ channel: name }) => name);
      const names = [...new Set([...live, ...offers(channels), ...made.keys()])];
      const items = names.map((name) => describe(name, made.get(name), channels));
      return { items: items.filter(({ watch }) => mayAll || watch === "open") };
    },
  );

  app.get(
    "/api/v1/channels/:channel",
    {
      schema: {
        ...about("One channel; any valid name is answered. With `token`, `refusal` says whether its holder may watch"),
        params,
        querystring: query,
        response: { 200: channel, ...PROBLEMS },
      },
    },
    async (request) => {
      const name = request.params.channel;
      const answer = describe(name, store.get(name), channels);
      return answer.watch === "open" ? answer : { ...answer, refusal: refusalOf(links, name, request.query.token) };
    },
  );
};

function describe(name: string, made: MadeChannel | undefined, channels: LiveChannels): Channel {
  const { title, description, watch } = made ?? PLAIN_CHANNEL;
  const broadcast = channels.on(name) ?? null;
  const onDemand = broadcast === null && offers(channels).includes(name);
  return { name, title, description, watch, refusal: null, live: broadcast !== null, onDemand, broadcast };
}

function refusalOf(links: Pick<WatchLinks, "check">, name: string, token: string | undefined): string | null {
  try {
    links.check(name, token);
    return null;
  } catch (error) {
    if (error instanceof LiveError) return messageOf(error);
    throw error;
  }
}

/** Somebody else may be live there. */
function offers(channels: LiveChannels): string[] {
  return channels.onOffer().filter((name) => channels.on(name) === undefined);
}

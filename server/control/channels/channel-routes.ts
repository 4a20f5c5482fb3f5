import { z } from "zod";
import { LiveError } from "../../core/errors.ts";
import {
  channelChanges,
  madeChannel,
  newChannel,
  newStreamKey,
  newWatchLink,
  shownKey,
  streamKeyList,
  watchLink,
} from "../../protocol/channels.ts";
import { channelName } from "../../protocol/names.ts";
import { type AdminRule, requireAdmin } from "../admin.ts";
import type { WatchLinks } from "../permission/watch-links.ts";
import { type ApiRoutes, NO_BODY, PROBLEMS } from "../route.ts";
import { type ChannelStore, noChannel } from "./channel-store.ts";
import type { KeyStore } from "./key-store.ts";

/** What the routes need. */
export interface ChannelRoutesOptions {
  readonly admin: AdminRule;
  readonly store: ChannelStore;
  readonly keys: KeyStore;
  readonly links: WatchLinks;
  /** A key is good no more: whoever publishes with it is stopped. */
  readonly onRevoked: (keyId: string) => Promise<void>;
  /** Who may watch a channel is another matter now: whoever watches it is looked at again. */
  readonly onWatchChanged: (channel: string) => void;
  /** Ends what is live on a channel. */
  readonly stopChannel: (channel: string, why: string) => Promise<boolean>;
}

const params = z.object({ channel: channelName });
const keyParams = params.extend({ key: z.uuidv7() });

/** Channels that are made, their keys and their links (contract §8): all of it needs the admin token. */
export const channelRoutes: ApiRoutes<ChannelRoutesOptions> = async (app, options) => {
  const { admin, store, keys, links, onRevoked, onWatchChanged, stopChannel } = options;
  app.addHook("onRequest", requireAdmin(admin));
  const about = (summary: string) => ({ tags: ["channels"], summary, security: [{ admin: [] }] });
  const needed = (name: string) => store.get(name) ?? noChannel(name);

  app.post(
    "/api/v1/channels",
    { schema: { ...about("Make a channel"), body: newChannel, response: { 201: madeChannel, ...PROBLEMS } } },
    async ({ body: { name, ...wishes } }, reply) => reply.code(201).send(store.create(name, wishes)),
  );

  app.get(
    "/api/v1/channels/:channel/settings",
    { schema: { ...about("How a channel is set up"), params, response: { 200: madeChannel, ...PROBLEMS } } },
    async (request) => needed(request.params.channel),
  );

  app.patch(
    "/api/v1/channels/:channel",
    {
      schema: {
        ...about("Change a channel; the ladder and whether to record hold from its next broadcast on"),
        params,
        body: channelChanges,
        response: { 200: madeChannel, ...PROBLEMS },
      },
    },
    async ({ params: { channel }, body }) => {
      const changed = store.update(channel, body);
      onWatchChanged(channel);
      return changed;
    },
  );

  app.delete(
    "/api/v1/channels/:channel",
    {
      schema: {
        ...about("Forget a channel, its keys and its links, and stop what is live on it; its recordings stay"),
        params,
        response: { 204: NO_BODY, ...PROBLEMS },
      },
    },
    async (request, reply) => {
      store.delete(request.params.channel);
      links.withdraw(request.params.channel);
      await stopChannel(request.params.channel, "the channel was deleted");
      return reply.code(204).send();
    },
  );

  app.post(
    "/api/v1/channels/:channel/stop",
    {
      schema: {
        ...about("Stop what is live on a channel; its publisher is told not to come back"),
        params,
        response: { 202: z.object({ name: channelName }), ...PROBLEMS },
      },
    },
    async ({ params: { channel } }, reply) => {
      if (!(await stopChannel(channel, "stopped by the operator"))) {
        throw new LiveError("not_found", `nothing is live on ${channel}`);
      }
      return reply.code(202).send({ name: channel });
    },
  );

  app.get(
    "/api/v1/channels/:channel/keys",
    { schema: { ...about("The keys of a channel"), params, response: { 200: streamKeyList, ...PROBLEMS } } },
    async (request) => {
      needed(request.params.channel);
      return { items: keys.list(request.params.channel) };
    },
  );

  app.post(
    "/api/v1/channels/:channel/keys",
    {
      schema: {
        ...about("Make a key; it is shown this once"),
        params,
        body: newStreamKey.nullish(),
        response: { 201: shownKey, ...PROBLEMS },
      },
    },
    async (request, reply) => {
      needed(request.params.channel);
      return reply.code(201).send(keys.create(request.params.channel, request.body?.label ?? ""));
    },
  );

  app.post(
    "/api/v1/channels/:channel/keys/:key/rotate",
    {
      schema: {
        ...about("A new key in the place of another; whoever publishes with the old one is stopped"),
        params: keyParams,
        response: { 201: shownKey, ...PROBLEMS },
      },
    },
    async ({ params: { channel, key } }, reply) => {
      const made = keys.rotate(channel, key);
      await onRevoked(key);
      return reply.code(201).send(made);
    },
  );

  app.delete(
    "/api/v1/channels/:channel/keys/:key",
    {
      schema: {
        ...about("Revoke a key; whoever publishes with it is stopped"),
        params: keyParams,
        response: { 204: NO_BODY, ...PROBLEMS },
      },
    },
    async ({ params: { channel, key } }, reply) => {
      keys.revoke(channel, key);
      await onRevoked(key);
      return reply.code(204).send();
    },
  );

  app.post(
    "/api/v1/channels/:channel/links",
    {
      schema: {
        ...about("A link that lets its holder watch until it expires"),
        params,
        body: newWatchLink.nullish(),
        response: { 201: watchLink, ...PROBLEMS },
      },
    },
    async ({ params: { channel }, body }, reply) => {
      needed(channel);
      const { expiresInSeconds } = newWatchLink.parse(body ?? {});
      const { token, expiresAt } = links.sign(channel, expiresInSeconds);
      const path = `/watch/${channel}?token=${token}`;
      return reply.code(201).send({ token, path, expiresAt: expiresAt.toISOString() });
    },
  );

  app.delete(
    "/api/v1/channels/:channel/links",
    {
      schema: {
        ...about("Withdraw all links of a channel; whoever watches with one is let go"),
        params,
        response: { 204: NO_BODY, ...PROBLEMS },
      },
    },
    async ({ params: { channel } }, reply) => {
      needed(channel);
      links.withdraw(channel);
      onWatchChanged(channel);
      return reply.code(204).send();
    },
  );
};

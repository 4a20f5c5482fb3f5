import { z } from "zod";
import {
  type ChatBan,
  type ChatSettings,
  chatBan,
  chatBanList,
  chatSettings,
  newChatBan,
  newTimeOut,
} from "../protocol/chat.ts";
import { broadcastId, channelName } from "../protocol/names.ts";
import { type AdminRule, requireAdmin } from "./admin.ts";
import { type ApiRoutes, NO_BODY, PROBLEMS } from "./route.ts";

/** What an operator can do about the channels' chats; what is not there throws `not_found`. */
interface Moderation {
  settings(channel: string): ChatSettings;
  change(channel: string, settings: ChatSettings): void;
  delete(channel: string, line: string): void;
  /** A line that is kept with a recording. */
  deleteKept(broadcast: string, line: string): Promise<void>;
  /** Returns who it was. */
  timeOut(channel: string, line: string, seconds: number): string;
  bans(channel: string): ChatBan[];
  banWriter(channel: string, line: string): ChatBan;
  banAddress(channel: string, address: string): ChatBan;
  unban(channel: string, id: string): void;
}

/** What the routes need. */
export interface ChatRoutesOptions {
  readonly admin: AdminRule;
  /** Undefined: there is no chat on this server. */
  readonly chat: Moderation | undefined;
}

const params = z.object({ channel: channelName });
const idParams = params.extend({ id: z.uuidv7() });

/** The operator's side of the chats (docs/chat.md): all of it needs the admin token. */
export const chatRoutes: ApiRoutes<ChatRoutesOptions> = async (app, { admin, chat }) => {
  if (chat === undefined) return;
  app.addHook("onRequest", requireAdmin(admin));
  const about = (summary: string) => ({ tags: ["chat"], summary, security: [{ admin: [] }] });

  app.get(
    "/api/v1/channels/:channel/chat",
    { schema: { ...about("How a channel's chat is set up"), params, response: { 200: chatSettings, ...PROBLEMS } } },
    async (request) => chat.settings(request.params.channel),
  );

  app.put(
    "/api/v1/channels/:channel/chat",
    {
      schema: {
        ...about("Set up a channel's chat; what is left out becomes as it is without"),
        params,
        body: chatSettings.partial().strict(),
        response: { 200: chatSettings, ...PROBLEMS },
      },
    },
    async ({ params: { channel }, body }) => {
      const { enabled = true, slowSeconds = 0, words = [] } = body;
      chat.change(channel, { enabled, slowSeconds, words });
      return chat.settings(channel);
    },
  );

  app.delete(
    "/api/v1/channels/:channel/chat/messages/:id",
    { schema: { ...about("Take a line back"), params: idParams, response: { 204: NO_BODY, ...PROBLEMS } } },
    async ({ params: { channel, id } }, reply) => {
      chat.delete(channel, id);
      return reply.code(204).send();
    },
  );

  app.delete(
    "/api/v1/recordings/:broadcast/chat/messages/:id",
    {
      schema: {
        ...about("Take a line out of what is kept with a recording"),
        params: z.object({ broadcast: broadcastId, id: z.uuidv7() }),
        response: { 204: NO_BODY, ...PROBLEMS },
      },
    },
    async ({ params: { broadcast, id } }, reply) => {
      await chat.deleteKept(broadcast, id);
      return reply.code(204).send();
    },
  );

  app.post(
    "/api/v1/channels/:channel/chat/timeouts",
    {
      schema: {
        ...about("Let who wrote a line write nothing for a while"),
        params,
        body: newTimeOut,
        response: { 200: z.object({ name: z.string(), seconds: z.number() }), ...PROBLEMS },
      },
    },
    async ({ params: { channel }, body: { message, seconds } }) => ({
      name: chat.timeOut(channel, message, seconds),
      seconds,
    }),
  );

  app.get(
    "/api/v1/channels/:channel/chat/bans",
    { schema: { ...about("Who is banned from a chat"), params, response: { 200: chatBanList, ...PROBLEMS } } },
    async (request) => ({ items: chat.bans(request.params.channel) }),
  );

  app.post(
    "/api/v1/channels/:channel/chat/bans",
    {
      schema: {
        ...about("Ban an address, by a line that came from it or as it is; a hash of it is kept"),
        params,
        body: newChatBan,
        response: { 201: chatBan, ...PROBLEMS },
      },
    },
    async ({ params: { channel }, body }, reply) => {
      const ban = "message" in body ? chat.banWriter(channel, body.message) : chat.banAddress(channel, body.address);
      return reply.code(201).send(ban);
    },
  );

  app.delete(
    "/api/v1/channels/:channel/chat/bans/:id",
    { schema: { ...about("Lift a ban"), params: idParams, response: { 204: NO_BODY, ...PROBLEMS } } },
    async ({ params: { channel, id } }, reply) => {
      chat.unban(channel, id);
      return reply.code(204).send();
    },
  );
};

import type { FastifyPluginAsync, FastifyRequest } from "fastify";
import type { WebSocket } from "ws";
import { z } from "zod";
import { clientAddress } from "../core/client-address.ts";
import { Rate } from "../core/rate.ts";
import { needSocket, needSubprotocol } from "../core/socket-only.ts";
import {
  CHAT_CLOSE,
  CHAT_SUBPROTOCOL,
  type ChatClientMessage,
  chatClientMessage,
  MAX_CHAT_MESSAGE_BYTES,
} from "../protocol/chat.ts";
import { channelName } from "../protocol/names.ts";
import { answer } from "./conversation.ts";
import type { ChatHub } from "./hub.ts";
import { Member } from "./member.ts";

/** Messages of any kind that one connection may send; no person needs as many, refused or not. */
const MESSAGES = { perSecond: 5, burst: 40 };
/** A connection that is silent for two of these is gone, and its name is free. */
const PING_MS = 30_000;

/** What the chat's socket needs. */
export interface ChatSocketOptions {
  readonly hub: ChatHub;
  /** Whether this token, or none, makes a moderator of who comes from `address`. */
  readonly mayModerate: (token: string | undefined, address: string) => boolean;
}

const params = z.object({ channel: channelName });
const REFUSALS = {
  full: { code: CHAT_CLOSE.tooMany, reason: "this server's chat is full" },
  off: { code: CHAT_CLOSE.none, reason: "this channel has no chat" },
  banned: { code: CHAT_CLOSE.forbidden, reason: "you are banned from this chat" },
} as const;

/** `/live/CHANNEL/chat`: the room of a channel, see docs/chat.md. */
export const chatSocket: FastifyPluginAsync<ChatSocketOptions> = async (app, options) => {
  app.get(
    "/live/:channel/chat",
    {
      websocket: true,
      preValidation: async (request) => {
        params.parse(request.params);
        needSubprotocol(request, CHAT_SUBPROTOCOL);
      },
    },
    (socket, request) => join(socket, request, options),
  );
};

/** In its place where the settings want no chat: pages need not come back. */
export const noChatSocket: FastifyPluginAsync = async (app) => {
  const preValidation = async (request: FastifyRequest) => needSocket(request);
  app.get("/live/:channel/chat", { websocket: true, preValidation }, (socket) => {
    socket.on("error", () => {});
    socket.close(CHAT_CLOSE.none, "this server has no chat");
  });
};

function join(socket: WebSocket, request: FastifyRequest, { hub, mayModerate }: ChatSocketOptions): void {
  const { channel } = params.parse(request.params);
  const address = clientAddress(request) ?? "";
  const member = new Member(socket, hub.addresses.caller(address));
  // `close` follows.
  socket.on("error", () => {});
  const refusal = hub.refusal(channel, member);
  if (refusal !== undefined) return member.close(REFUSALS[refusal].code, REFUSALS[refusal].reason);
  const room = hub.enter(channel, member);
  const log = request.log.child({ channel, person: member.id });
  log.info({ people: room.members.size }, "somebody has come to the chat");
  const conversation = { hub, room, member, mayModerate: (token: string | undefined) => mayModerate(token, address) };
  const heartbeat = keepAlive(socket);
  socket.on("close", (code: number, reason: Buffer) => {
    clearInterval(heartbeat);
    hub.leave(room, member);
    log.info({ code, reason: String(reason), people: room.members.size }, "somebody has left the chat");
  });
  const flow = new Rate(MESSAGES);
  socket.on("message", (data: Buffer, isBinary: boolean) => {
    if (socket.readyState !== socket.OPEN) return;
    if (flow.waitMs(1) > 0) return member.close(CHAT_CLOSE.tooMany, "too many messages");
    flow.add(1);
    const message = isBinary ? undefined : parse(data);
    if (message === undefined) return member.close(CHAT_CLOSE.badMessage, "this message is none of the chat's");
    try {
      answer(conversation, message);
    } catch (err) {
      // A disk that is full, above all: what moderators want is kept in the database.
      log.error({ err }, "a wish could not be carried out in the chat");
      member.refuse(message.type, "failed", "The server could not do that; its log tells more.");
    }
  });
}

function parse(data: Buffer): ChatClientMessage | undefined {
  if (data.byteLength > MAX_CHAT_MESSAGE_BYTES) return undefined;
  try {
    return chatClientMessage.safeParse(JSON.parse(data.toString("utf8"))).data;
  } catch {
    return undefined;
  }
}

function keepAlive(socket: WebSocket): NodeJS.Timeout {
  let isThere = true;
  socket.on("pong", () => {
    isThere = true;
  });
  return setInterval(() => {
    if (!isThere) return socket.terminate();
    isThere = false;
    socket.ping();
  }, PING_MS);
}

import { z } from "zod";
import { cleanText, lengthOf, MAX_TEXT } from "./chat-text.ts";
import { broadcastId, channelName } from "./names.ts";

/** The WebSocket subprotocol of the chat; docs/chat.md describes it for those who write a client. */
export const CHAT_SUBPROTOCOL = "millrace.chat.v1";

/** The longest message in bytes that anybody has reason to send: a moderator's list of words. */
export const MAX_CHAT_MESSAGE_BYTES = 32 * 1024;

/** A blocked word, or some words in a row. */
const word = z.string().trim().min(1).max(64);
const messageId = z.uuidv7("a message's id is a UUIDv7");
const slowSeconds = z.number().int().min(0).max(3_600);
const words = z.array(word).max(200);

/** How a channel's chat is; `PUT /api/v1/channels/NAME/chat` takes all of it. */
export const chatSettings = z.object({
  enabled: z.boolean(),
  /** How far apart the lines of one person have to be; 0: only as far as all limits say. */
  slowSeconds,
  /** Who writes one of these is refused. */
  words,
});

/** A chat that nobody has set up. */
export const PLAIN_CHAT: ChatSettings = { enabled: true, slowSeconds: 0, words: [] };

/** One line, as everybody gets it. `at`: Unix time in ms at which the server took it. */
export const chatLine = z.object({
  id: messageId,
  at: z.number().int().nonnegative(),
  name: z.string(),
  /** Written by somebody who has shown the operator's token. */
  operator: z.boolean(),
  text: z.string(),
});

/** What a viewer says, in text messages. */
export const chatClientMessage = z.discriminatedUnion("type", [
  /** Wants to be called this. Connections that send the same `key`, a secret of the client, are one person. */
  z.object({
    type: z.literal("name"),
    name: z.string().max(256),
    key: z
      .string()
      .regex(/^[\w-]{16,64}$/)
      .optional(),
  }),
  z.object({ type: z.literal("say"), text: z.string().max(8 * MAX_TEXT) }),
  /** Shows the operator's token, where one is needed; what follows below is for who has. */
  z.object({ type: z.literal("moderate"), token: z.string().max(256).optional() }),
  z.object({ type: z.literal("delete"), id: messageId }),
  /** Who wrote this may not write for so long. */
  z.object({ type: z.literal("timeout"), id: messageId, seconds: z.number().int().min(1).max(86_400) }),
  /** The address that this came from may not come back. */
  z.object({ type: z.literal("ban"), id: messageId }),
  z.object({ type: z.literal("slow"), seconds: slowSeconds }),
  z.object({ type: z.literal("words"), words }),
]);

/** Why something was not done. */
const chatRefusal = z.enum([
  "bad_name",
  "name_taken",
  "no_name",
  "bad_text",
  "blocked_words",
  "too_fast",
  "timed_out",
  "not_allowed",
  "not_found",
  "failed",
]);

/** What the server says, in text messages. */
export const chatServerMessage = z.discriminatedUnion("type", [
  /** Comes first. `history`: the newest lines, oldest first. */
  z.object({ type: z.literal("welcome"), channel: channelName, slowSeconds, history: z.array(chatLine) }),
  /** You are called this now. */
  z.object({ type: z.literal("named"), name: z.string() }),
  z.object({ type: z.literal("line"), ...chatLine.shape }),
  /** These lines are gone: show them no more. */
  z.object({ type: z.literal("deleted"), ids: z.array(messageId) }),
  z.object({ type: z.literal("slow"), slowSeconds }),
  /** You may moderate; and what words are blocked now. */
  z.object({ type: z.literal("moderator"), words: z.array(z.string()) }),
  /** A moderator's wish was done, in words. */
  z.object({ type: z.literal("done"), what: z.string(), text: z.string() }),
  /** The message of type `what` was not done; `text` says why, for people. */
  z.object({
    type: z.literal("refused"),
    what: z.string(),
    why: chatRefusal,
    text: z.string(),
    /** When to try again, where that helps. */
    waitSeconds: z.number().int().positive().optional(),
  }),
]);

/** Close codes of the chat's socket; each comes with a reason that a person can read. */
export const CHAT_CLOSE = {
  /** The server stops or starts anew: come back. */
  restarting: 1012,
  badMessage: 4400,
  /** The address is banned. */
  forbidden: 4403,
  /** This server, or this channel, has no chat. */
  none: 4404,
  /** The client did not take what was sent to it: come back, the history has what was missed. */
  tooSlow: 4408,
  /** Too many people, or too many messages from this one. */
  tooMany: 4429,
} as const;

/** A line with its place in the replay of its broadcast, in seconds from the replay's beginning. */
const replayedLine = chatLine.extend({ seconds: z.number().nonnegative() });

/** `/recordings/BROADCAST/chat.json`, in the order of the replay. */
export const chatReplay = z.object({ broadcast: broadcastId, items: z.array(replayedLine) });

/** An address that may not chat on a channel; nobody can tell the whole address from it. */
export const chatBan = z.object({
  id: z.uuidv7(),
  /** `203.0.113.*`. */
  address: z.string(),
  /** Who wrote from there when it was banned; empty when that is not known. */
  name: z.string(),
  at: z.iso.datetime(),
});
export const chatBanList = z.object({ items: z.array(chatBan) });

/** `POST …/chat/bans`: by a line that came from it, or as it is. */
export const newChatBan = z.union([
  z.strictObject({ message: messageId }),
  z.strictObject({ address: z.union([z.ipv4(), z.ipv6()]) }),
]);

/** `POST …/chat/timeouts`. */
export const newTimeOut = z.strictObject({ message: messageId, seconds: z.number().int().min(1).max(86_400) });

/** A line's text as it may be sent, or undefined when it is empty or too long. */
export function textOf(text: string): string | undefined {
  const clean = cleanText(text);
  return clean === "" || lengthOf(clean) > MAX_TEXT ? undefined : clean;
}

export type ChatSettings = z.infer<typeof chatSettings>;
export type ChatLine = z.infer<typeof chatLine>;
export type ChatClientMessage = z.infer<typeof chatClientMessage>;
export type ChatServerMessage = z.infer<typeof chatServerMessage>;
export type ChatRefusal = z.infer<typeof chatRefusal>;
export type ReplayedLine = z.infer<typeof replayedLine>;
export type ChatBan = z.infer<typeof chatBan>;

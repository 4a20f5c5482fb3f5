import { isLiveError } from "../core/errors.ts";
import { type ChatClientMessage, textOf } from "../protocol/chat.ts";
import { cleanName, MAX_NAME, MAX_TEXT } from "../protocol/chat-text.ts";
import type { ChatHub } from "./hub.ts";
import type { Member } from "./member.ts";
import type { Room } from "./room.ts";

/** One member in its room, and who may say who moderates. */
export interface Conversation {
  readonly hub: ChatHub;
  readonly room: Room;
  readonly member: Member;
  /** Whether this token makes a moderator. Throws `too_many` when its address has guessed too often. */
  readonly mayModerate: (token: string | undefined) => boolean;
}

/** Does what a member says, or tells it why not. */
export function answer(conversation: Conversation, message: ChatClientMessage): void {
  switch (message.type) {
    case "name":
      return rename(conversation, message);
    case "say":
      return say(conversation, message.text);
    case "moderate":
      return letModerate(conversation, message.token);
    default:
      return moderate(conversation, message);
  }
}

type Wish<T extends ChatClientMessage["type"]> = Extract<ChatClientMessage, { type: T }>;

function rename({ room, member }: Conversation, { name: wish, key }: Wish<"name">): void {
  const name = cleanName(wish);
  if (name === undefined) {
    return member.refuse("name", "bad_name", `A name has 1 to ${MAX_NAME} letters, digits and signs that can be seen.`);
  }
  if (key !== undefined) member.identify(key);
  const trouble = room.nameTrouble(name, member);
  if (trouble === "blocked") return member.refuse("name", "blocked_words", "This name is not wanted here.");
  if (trouble === "taken") return member.refuse("name", "name_taken", `Somebody is called ${name}, or nearly so.`);
  member.name = name;
  member.tell({ type: "named", name });
}

function say({ hub, room, member }: Conversation, said: string): void {
  if (member.name === undefined) return member.refuse("say", "no_name", "Say what you are called first.");
  const { person } = member;
  const text = textOf(said);
  if (text === undefined) return member.refuse("say", "bad_text", `A line has 1 to ${MAX_TEXT} characters.`);
  if (!person.isModerator) {
    const left = hub.timeOuts.left(room.channel, person);
    if (left > 0) return member.refuse("say", "timed_out", `You may write again in ${left} s.`, left);
    if (room.isBlocked(text)) return member.refuse("say", "blocked_words", "This has a word that is not wanted here.");
  }
  const { channel, members, settings } = room;
  const wait = hub.pace.take(person, { channel, people: members.size, slowSeconds: settings.slowSeconds });
  if (wait > 0) return member.refuse("say", "too_fast", `Not so fast: you may write again in ${wait} s.`, wait);
  room.say(person, text);
}

function letModerate({ room, member, mayModerate }: Conversation, token: string | undefined): void {
  try {
    if (!mayModerate(token)) return member.refuse("moderate", "not_allowed", "This is not the operator's token.");
  } catch (error) {
    if (!isLiveError(error)) throw error;
    return member.refuse("moderate", "not_allowed", error.message);
  }
  member.isModerator = true;
  member.tell({ type: "moderator", words: room.settings.words });
}

function moderate(
  { hub, room, member }: Conversation,
  message: Wish<"delete" | "timeout" | "ban" | "slow" | "words">,
): void {
  const { type: what } = message;
  if (!member.isModerator) return member.refuse(what, "not_allowed", "Only a moderator may do that.");
  try {
    member.tell({ type: "done", what, text: carryOut(hub, room, message) });
  } catch (error) {
    if (!isLiveError(error)) throw error;
    member.refuse(what, error.code === "not_found" ? "not_found" : "not_allowed", error.message);
  }
}

/** Returns in words what was done. */
function carryOut(hub: ChatHub, room: Room, message: Wish<"delete" | "timeout" | "ban" | "slow" | "words">): string {
  const { channel, settings } = room;
  switch (message.type) {
    case "delete":
      hub.delete(channel, message.id);
      return "The line is gone.";
    case "timeout":
      return `${hub.timeOut(channel, message.id, message.seconds)} may not write for ${message.seconds} s.`;
    case "ban":
      return `The address ${hub.banWriter(channel, message.id).address} is banned.`;
    case "slow":
      hub.change(channel, { ...settings, slowSeconds: message.seconds });
      return message.seconds === 0 ? "Slow mode is off." : `Everybody may write once in ${message.seconds} s.`;
    case "words":
      hub.change(channel, { ...settings, words: message.words });
      return "The list of words is set.";
  }
}

import { v7 as uuidv7 } from "uuid";
import { wallMs } from "../core/clock.ts";
import { CHAT_CLOSE, type ChatLine, type ChatServerMessage, type ChatSettings } from "../protocol/chat.ts";
import { skeleton } from "../protocol/chat-text.ts";
import type { Caller } from "./addresses.ts";
import { BlockedWords } from "./blocked-words.ts";
import type { ChatFile } from "./chat-file.ts";
import type { Member } from "./member.ts";
import type { Person } from "./person.ts";

/** Lines whose writers are known, so that a moderator can still act on them; the history is the newest of them. */
const MAX_RECENT = 500;

/** Names of people; what only the operator may be called. */
const RESERVED = new Set(
  ["admin", "administrator", "moderator", "operator", "server", "system", "millrace"].map(skeleton),
);

/** A line and who wrote it; undefined after a restart of the server. */
interface Said {
  readonly line: ChatLine;
  readonly person: Person | undefined;
  /** What it is kept in. */
  readonly file: ChatFile | undefined;
}

/** The broadcast that is live in a room, and what keeps its lines; undefined when it is not recorded. */
export interface RoomBroadcast {
  readonly id: string;
  readonly file: ChatFile | undefined;
}

/** The chat of one channel while somebody is there or a broadcast is live: people, names and the newest lines. */
export class Room {
  readonly channel: string;
  readonly members = new Set<Member>();
  broadcast: RoomBroadcast | undefined;
  #settings: ChatSettings;
  #words: BlockedWords;
  readonly #recent = new Map<string, Said>();

  constructor(channel: string, settings: ChatSettings) {
    this.channel = channel;
    this.#settings = settings;
    this.#words = new BlockedWords(settings.words);
  }

  get settings(): ChatSettings {
    return this.#settings;
  }

  /** Nobody needs it any more. */
  get isIdle(): boolean {
    return this.members.size === 0 && this.broadcast === undefined;
  }

  /** The newest lines, oldest first. */
  history(count: number): ChatLine[] {
    if (count === 0) return [];
    return [...this.#recent.values()].slice(-count).map(({ line }) => line);
  }

  /** Lines of an earlier life of the server. */
  restore(lines: readonly ChatLine[]): void {
    const now = [...this.#recent];
    this.#recent.clear();
    for (const line of lines) this.#recent.set(line.id, { line, person: undefined, file: this.broadcast?.file });
    for (const [id, said] of now) this.#recent.set(id, said);
    this.#forget();
  }

  change(settings: ChatSettings): void {
    const { slowSeconds } = this.#settings;
    this.#settings = settings;
    this.#words = new BlockedWords(settings.words);
    if (!settings.enabled) this.close("the chat of this channel was switched off");
    else if (settings.slowSeconds !== slowSeconds) this.tell({ type: "slow", slowSeconds: settings.slowSeconds });
  }

  /** Why nobody can be called this; undefined when it is free. */
  nameTrouble(name: string, member: Member): "taken" | "blocked" | undefined {
    const folded = skeleton(name);
    if (member.isModerator) return undefined;
    if (RESERVED.has(folded)) return "taken";
    if (this.#words.isIn(name)) return "blocked";
    for (const other of this.members) {
      if (other.foldedName === folded && other.person.key !== member.person.key) return "taken";
    }
    return undefined;
  }

  isBlocked(text: string): boolean {
    return this.#words.isIn(text);
  }

  /** Tells a line to everybody, and keeps it. */
  say(person: Person, text: string): void {
    const line = { id: uuidv7(), at: Math.floor(wallMs()), name: person.name, operator: person.isModerator, text };
    const file = this.broadcast?.file;
    this.#recent.set(line.id, { line, person, file });
    this.#forget();
    file?.add(line);
    this.tell({ type: "line", ...line });
  }

  /** Who wrote a line; undefined when that is not known (any more). */
  writer(id: string): Person | undefined {
    return this.#recent.get(id)?.person;
  }

  /** Takes a line back; false when there is no such line (any more). */
  delete(id: string): boolean {
    const said = this.#recent.get(id);
    if (said === undefined) return false;
    this.#recent.delete(id);
    said.file?.delete(id);
    this.tell({ type: "deleted", ids: [id] });
    return true;
  }

  /** Takes a line back that only the file of the broadcast still has. */
  forget(id: string): void {
    this.broadcast?.file?.delete(id);
    this.tell({ type: "deleted", ids: [id] });
  }

  /** Sends away everybody who comes from a caller's address. */
  sendAway({ hash }: Caller, reason: string): void {
    for (const member of this.members) {
      if (member.caller.hash === hash && !member.isModerator) member.close(CHAT_CLOSE.forbidden, reason);
    }
  }

  /** Says something to everybody. */
  tell(message: ChatServerMessage): void {
    const text = JSON.stringify(message);
    for (const member of this.members) member.send(text);
  }

  close(reason: string): void {
    for (const member of this.members) member.close(CHAT_CLOSE.none, reason);
  }

  #forget(): void {
    for (const id of this.#recent.keys()) {
      if (this.#recent.size <= MAX_RECENT) return;
      this.#recent.delete(id);
    }
  }
}

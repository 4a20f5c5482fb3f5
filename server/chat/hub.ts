import { LiveError } from "../core/errors.ts";
import type { ChatBan, ChatLine, ChatSettings } from "../protocol/chat.ts";
import type { Addresses } from "./addresses.ts";
import { ChatFile, readChat } from "./chat-file.ts";
import type { ChatStore } from "./chat-store.ts";
import type { Member } from "./member.ts";
import { Pace } from "./pace.ts";
import type { ChatRecording } from "./recording.ts";
import { Room } from "./room.ts";
import { TimeOuts } from "./time-outs.ts";

/** What the chat needs of the rest of the server. */
export interface ChatHubOptions {
  /** Lines that newcomers are told. */
  readonly history: number;
  /** People in all rooms together. */
  readonly maxPeople: number;
  readonly store: ChatStore;
  readonly addresses: Addresses;
  /** Undefined: there is no recording with this id. */
  readonly find: (broadcast: string) => Promise<ChatRecording | undefined>;
  readonly report: (event: string, details: Record<string, unknown>) => void;
}

/** A broadcast that begins, or goes on in another life of the server. */
export interface ChatBroadcast {
  readonly id: string;
  readonly channel: string;
  /** Where its recording lies; undefined when nothing is kept. */
  readonly folder: string | undefined;
}

const BANNED = "you are banned from this chat";

/** All rooms. */
export class ChatHub implements AsyncDisposable {
  readonly addresses: Addresses;
  readonly pace = new Pace();
  readonly timeOuts = new TimeOuts();
  readonly #options: ChatHubOptions;
  readonly #rooms = new Map<string, Room>();
  /** Being written, or closed: who stops waits for them. */
  readonly #files = new Set<ChatFile>();
  #people = 0;

  constructor(options: ChatHubOptions) {
    this.#options = options;
    this.addresses = options.addresses;
  }

  /** Rooms that are there; tests prove with it that none stays. */
  get size(): number {
    return this.#rooms.size;
  }

  /** Why somebody may not come in; undefined when nothing is in the way. */
  refusal(channel: string, { caller }: Pick<Member, "caller">): "full" | "off" | "banned" | undefined {
    if (this.#people >= this.#options.maxPeople) return "full";
    if (!this.settings(channel).enabled) return "off";
    return this.#options.store.isBanned(channel, caller) ? "banned" : undefined;
  }

  /** Lets somebody in; it hears what was said last. */
  enter(channel: string, member: Member): Room {
    const room = this.#room(channel);
    room.members.add(member);
    this.#people++;
    const { slowSeconds } = room.settings;
    member.tell({ type: "welcome", channel, slowSeconds, history: room.history(this.#options.history) });
    return room;
  }

  leave(room: Room, member: Member): void {
    if (room.members.delete(member)) this.#people--;
    this.#tidy(room);
  }

  /** What is said from now on belongs to this broadcast. Resolves when its earlier life's lines are there again. */
  async begin({ id, channel, folder }: ChatBroadcast): Promise<void> {
    const room = this.#room(channel);
    const file = folder === undefined ? undefined : this.#open(folder, { channel, broadcast: id });
    if (file !== undefined) this.#files.add(file);
    room.broadcast = { id, file };
    if (folder === undefined) return;
    const said = await newest(folder, this.#options.history);
    if (said.length > 0) room.restore(said);
  }

  /** The broadcast is over: its chat is in its file when this resolves. */
  async end(channel: string, id: string): Promise<void> {
    const room = this.#rooms.get(channel);
    if (room?.broadcast?.id !== id) return;
    const { file } = room.broadcast;
    room.broadcast = undefined;
    this.#tidy(room);
    await file?.close();
    if (file !== undefined) this.#files.delete(file);
  }

  settings(channel: string): ChatSettings {
    return this.#rooms.get(channel)?.settings ?? this.#options.store.settings(channel);
  }

  change(channel: string, settings: ChatSettings): void {
    this.#options.store.change(channel, settings);
    this.#rooms.get(channel)?.change(settings);
  }

  /** Takes a line back. Throws `not_found`. */
  delete(channel: string, id: string): void {
    if (this.#rooms.get(channel)?.delete(id) !== true) throw noLine(id);
  }

  /** Takes a line back that is kept with a recording. Rejects with `not_found`. */
  async deleteKept(broadcast: string, id: string): Promise<void> {
    for (const room of this.#rooms.values()) if (room.delete(id)) return;
    const recording = await this.#options.find(broadcast);
    if (recording === undefined || !(await isKept(recording.folder, id))) throw noLine(id);
    for (const room of this.#rooms.values()) if (room.broadcast?.id === broadcast) return room.forget(id);
    await using file = this.#open(recording.folder, { broadcast });
    file.delete(id);
  }

  /** Who wrote this line may not write for so long. Throws `not_found`. */
  timeOut(channel: string, id: string, seconds: number): string {
    const person = this.#writer(channel, id);
    this.timeOuts.add(channel, person, seconds);
    return person.name;
  }

  /** Bans the address that a line came from. Throws `not_found`, and `forbidden` for an address that many share. */
  banWriter(channel: string, id: string): ChatBan {
    const { caller, name } = this.#writer(channel, id);
    return this.#ban(channel, caller, name);
  }

  /** Bans an address. Throws `forbidden` when many share it. */
  banAddress(channel: string, address: string): ChatBan {
    return this.#ban(channel, this.addresses.caller(address), "");
  }

  bans(channel: string): ChatBan[] {
    return this.#options.store.bans(channel);
  }

  /** Throws `not_found`. */
  unban(channel: string, id: string): void {
    this.#options.store.unban(channel, id);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#rooms.clear();
    await Promise.all([...this.#files].map((file) => file.close()));
    this.#files.clear();
  }

  #open(folder: string, about: Record<string, unknown>): ChatFile {
    const { report } = this.#options;
    return new ChatFile(folder, (problem) => report("the chat of a broadcast is not kept", { ...about, problem }));
  }

  #ban(channel: string, caller: Member["caller"], name: string): ChatBan {
    if (caller.isShared) {
      throw new LiveError("forbidden", "many come from this address (MILLRACE_CONNECTION_EXEMPTIONS): time people out");
    }
    const ban = this.#options.store.ban(channel, caller, name);
    this.#rooms.get(channel)?.sendAway(caller, BANNED);
    return ban;
  }

  #writer(channel: string, id: string) {
    const person = this.#rooms.get(channel)?.writer(id);
    if (person === undefined) throw noLine(id);
    return person;
  }

  #room(channel: string): Room {
    const known = this.#rooms.get(channel);
    if (known !== undefined) return known;
    const room = new Room(channel, this.#options.store.settings(channel));
    this.#rooms.set(channel, room);
    return room;
  }

  #tidy(room: Room): void {
    if (room.isIdle && this.#rooms.get(room.channel) === room) this.#rooms.delete(room.channel);
  }
}

function noLine(id: string): LiveError {
  return new LiveError("not_found", `there is no line ${id} (any more)`);
}

async function isKept(folder: string, wanted: string): Promise<boolean> {
  for await (const { id } of readChat(folder)) if (id === wanted) return true;
  return false;
}

async function newest(folder: string, count: number): Promise<ChatLine[]> {
  const lines: ChatLine[] = [];
  for await (const line of readChat(folder)) {
    lines.push(line);
    if (lines.length > count) lines.shift();
  }
  return lines;
}

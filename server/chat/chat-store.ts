import { v7 as uuidv7 } from "uuid";
import { z } from "zod";
import { wallMs } from "../core/clock.ts";
import type { Database } from "../core/database.ts";
import { LiveError } from "../core/errors.ts";
import { type ChatBan, type ChatSettings, chatSettings, PLAIN_CHAT } from "../protocol/chat.ts";
import type { Caller } from "./addresses.ts";

/** Bans of one channel: more would be a list that nobody can look through. */
const MAX_BANS = 10_000;

const settingsRow = z
  .object({ json: z.string() })
  .transform(({ json }) =>
    chatSettings.parse({ ...PLAIN_CHAT, ...z.record(z.string(), z.unknown()).parse(JSON.parse(json)) }),
  );
const banRow = z.object({ id: z.string(), address: z.string(), name: z.string(), at: z.string() });
const countRow = z.object({ count: z.number() });

/** What must outlive the process of the channels' chats: how each is set up, and who is banned. */
export class ChatStore {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  settings(channel: string): ChatSettings {
    return this.#db.get(settingsRow, "SELECT json FROM chats WHERE channel = ?", channel) ?? PLAIN_CHAT;
  }

  change(channel: string, settings: ChatSettings): void {
    this.#db.run("INSERT OR REPLACE INTO chats VALUES (?, ?)", channel, JSON.stringify(settings));
  }

  isBanned(channel: string, { hash }: Caller): boolean {
    const sql = "SELECT id, address, name, at FROM chat_bans WHERE channel = ? AND hash = ?";
    return this.#db.get(banRow, sql, channel, hash) !== undefined;
  }

  /** Newest first. */
  bans(channel: string): ChatBan[] {
    return this.#db.all(
      banRow,
      "SELECT id, address, name, at FROM chat_bans WHERE channel = ? ORDER BY id DESC",
      channel,
    );
  }

  /** Banning twice is banning once. Throws `too_many`. */
  ban(channel: string, { hash, masked }: Caller, name: string): ChatBan {
    const count = this.#db.get(countRow, "SELECT count(*) AS count FROM chat_bans WHERE channel = ?", channel);
    if ((count?.count ?? 0) >= MAX_BANS) throw new LiveError("too_many", `a channel has room for ${MAX_BANS} bans`);
    const ban = { id: uuidv7(), address: masked, name, at: new Date(wallMs()).toISOString() };
    this.#db.run("DELETE FROM chat_bans WHERE channel = ? AND hash = ?", channel, hash);
    this.#db.run("INSERT INTO chat_bans VALUES (?, ?, ?, ?, ?, ?)", ban.id, channel, hash, masked, name, ban.at);
    return ban;
  }

  /** Throws `not_found`. */
  unban(channel: string, id: string): void {
    const gone = this.#db.run("DELETE FROM chat_bans WHERE channel = ? AND id = ?", channel, id);
    if (gone === 0) throw new LiveError("not_found", `the chat of ${channel} has no ban ${id}`);
  }
}

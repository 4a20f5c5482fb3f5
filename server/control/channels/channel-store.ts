import { z } from "zod";
import { wallMs } from "../../core/clock.ts";
import type { Database } from "../../core/database.ts";
import { LiveError } from "../../core/errors.ts";
import { type ChannelChanges, type MadeChannel, madeChannel, PLAIN_CHANNEL } from "../../protocol/channels.ts";

/** A row; what an older version did not know of a channel is as it is for a plain one. */
const row = z
  .object({ json: z.string() })
  .transform(({ json }) =>
    madeChannel.parse({ ...PLAIN_CHANNEL, ...z.record(z.string(), z.unknown()).parse(JSON.parse(json)) }),
  );

/** The channels that somebody has made, and how each shall be. */
export class ChannelStore {
  readonly #db: Database;
  /** What is in the database, whose only writer this is: every request for media asks who may watch. */
  readonly #channels: Map<string, MadeChannel>;

  constructor(db: Database) {
    this.#db = db;
    const all = db.all(row, "SELECT json FROM channels");
    this.#channels = new Map(all.map((channel) => [channel.name, channel]));
  }

  /** By name. */
  list(): MadeChannel[] {
    return [...this.#channels.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** Undefined when nobody has made it: its name may be live all the same, where publishing is open. */
  get(name: string): MadeChannel | undefined {
    return this.#channels.get(name);
  }

  /** Throws `exists` when it is there already. */
  create(name: string, wishes: ChannelChanges): MadeChannel {
    const plain = { ...PLAIN_CHANNEL, name, createdAt: new Date(wallMs()).toISOString() };
    const channel = changed(plain, wishes);
    const made = this.#db.run("INSERT OR IGNORE INTO channels VALUES (?, ?)", name, JSON.stringify(channel));
    if (made === 0) throw new LiveError("exists", `the channel ${name} is there already`);
    this.#channels.set(name, channel);
    return channel;
  }

  /** Throws `not_found`. */
  update(name: string, changes: ChannelChanges): MadeChannel {
    const channel = changed(this.#known(name), changes);
    this.#db.run("UPDATE channels SET json = ? WHERE name = ?", JSON.stringify(channel), name);
    this.#channels.set(name, channel);
    return channel;
  }

  /** With its keys; its recordings stay. Throws `not_found`. */
  delete(name: string): void {
    this.#known(name);
    this.#db.run("DELETE FROM channels WHERE name = ?", name);
    this.#channels.delete(name);
  }

  #known(name: string): MadeChannel {
    return this.get(name) ?? noChannel(name);
  }
}

function changed(channel: MadeChannel, changes: ChannelChanges): MadeChannel {
  const said = Object.entries(changes).filter(([, value]) => value !== undefined);
  return madeChannel.parse({ ...channel, ...Object.fromEntries(said) });
}

/** Throws that there is no such channel. */
export function noChannel(name: string): never {
  throw new LiveError("not_found", `nobody has made the channel ${name}`);
}

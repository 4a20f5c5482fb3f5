import { v7 as uuidv7 } from "uuid";
import { z } from "zod";
import { wallMs } from "../../core/clock.ts";
import type { Database } from "../../core/database.ts";
import { LiveError } from "../../core/errors.ts";
import { Secret } from "../../core/secret.ts";
import { hashOfToken, newToken } from "../../core/token.ts";
import type { ShownKey, StreamKey } from "../../protocol/channels.ts";

const row = z
  .object({ id: z.string(), label: z.string(), created_at: z.string(), used_at: z.string().nullable() })
  .transform(
    ({ id, label, created_at, used_at }): StreamKey => ({ id, label, createdAt: created_at, usedAt: used_at }),
  );
const COLUMNS = "id, label, created_at, used_at";

/** The keys that may publish, of all channels. They are random, so a hash alone is kept of each. */
export class KeyStore {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  /** Oldest first. */
  list(channel: string): StreamKey[] {
    return this.#db.all(row, `SELECT ${COLUMNS} FROM stream_keys WHERE channel = ? ORDER BY id`, channel);
  }

  /** Makes a key for a channel that is there; this is the only time that it can be read. */
  create(channel: string, label: string): ShownKey {
    const id = uuidv7();
    const key = newToken();
    const values = [id, channel, label, hashOfToken(key), new Date(wallMs()).toISOString()];
    this.#db.run("INSERT INTO stream_keys (id, channel, label, hash, created_at) VALUES (?, ?, ?, ?, ?)", ...values);
    return { id, label, key: key.reveal() };
  }

  /** A new key in the place of another one, under the same label. Throws `not_found`. */
  rotate(channel: string, id: string): ShownKey {
    return this.#db.together(() => {
      const { label } = this.#known(channel, id);
      this.#db.run("DELETE FROM stream_keys WHERE id = ?", id);
      return this.create(channel, label);
    });
  }

  /** Throws `not_found`. */
  revoke(channel: string, id: string): void {
    this.#known(channel, id);
    this.#db.run("DELETE FROM stream_keys WHERE id = ?", id);
  }

  /** The id of the key, which is noted as used; undefined when it is none of the channel's. */
  use(channel: string, key: string): string | undefined {
    const hash = hashOfToken(new Secret(key));
    const sql = `SELECT ${COLUMNS} FROM stream_keys WHERE hash = ? AND channel = ?`;
    const found = this.#db.get(row, sql, hash, channel);
    if (found === undefined) return undefined;
    this.#noteUse(found.id);
    return found.id;
  }

  /** A full disk must not keep out a publisher that comes back. */
  #noteUse(id: string): void {
    try {
      this.#db.run("UPDATE stream_keys SET used_at = ? WHERE id = ?", new Date(wallMs()).toISOString(), id);
    } catch {
      // The key is good all the same.
    }
  }

  #known(channel: string, id: string): StreamKey {
    const found = this.#db.get(row, `SELECT ${COLUMNS} FROM stream_keys WHERE id = ? AND channel = ?`, id, channel);
    if (found === undefined) throw new LiveError("not_found", `the channel ${channel} has no key ${id}`);
    return found;
  }
}

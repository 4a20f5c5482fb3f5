import { randomBytes } from "node:crypto";
import { v7 as uuidv7 } from "uuid";
import { z } from "zod";
import { wallMs } from "../../core/clock.ts";
import type { Database } from "../../core/database.ts";
import { type EventType, eventType, type ServerEvent, serverEvent } from "../../protocol/events.ts";
import type { NewHook } from "../../protocol/hooks.ts";

/** One receiver as it is kept. Its secret is kept as it is: it signs. */
export interface StoredHook {
  readonly id: string;
  readonly url: string;
  /** `whsec_` and base64, as Standard Webhooks writes them. */
  readonly secret: string;
  readonly types: readonly EventType[];
  readonly createdAt: string;
}

const SECRET_BYTES = 32;

const hookRow = z
  .object({ id: z.string(), url: z.string(), secret: z.string(), types: z.string(), created_at: z.string() })
  .transform(
    ({ id, url, secret, types, created_at }): StoredHook => ({
      id,
      url,
      secret,
      types: z.array(eventType).parse(JSON.parse(types)),
      createdAt: created_at,
    }),
  );
const eventRow = z.object({ json: z.string() }).transform(({ json }) => serverEvent.parse(JSON.parse(json)));
const countRow = z.object({ count: z.number().int() });

/** Who is told of events, and what each has not taken yet. */
export class HookStore {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  list(): StoredHook[] {
    return this.#db.all(hookRow, "SELECT * FROM hooks ORDER BY id");
  }

  create({ url, types }: NewHook): StoredHook {
    const secret = `whsec_${randomBytes(SECRET_BYTES).toString("base64")}`;
    const made = { id: uuidv7(), url, secret, types, createdAt: new Date(wallMs()).toISOString() };
    const values = [made.id, url, secret, JSON.stringify(types), made.createdAt];
    this.#db.run("INSERT INTO hooks (id, url, secret, types, created_at) VALUES (?, ?, ?, ?, ?)", ...values);
    return made;
  }

  /** With what it has not taken; returns false when there is none with this id. */
  delete(id: string): boolean {
    return this.#db.run("DELETE FROM hooks WHERE id = ?", id) > 0;
  }

  add(hook: string, event: ServerEvent): void {
    this.#db.run("INSERT OR IGNORE INTO hook_deliveries VALUES (?, ?, ?)", hook, event.id, JSON.stringify(event));
  }

  remove(hook: string, event: number): void {
    this.#db.run("DELETE FROM hook_deliveries WHERE hook = ? AND event = ?", hook, event);
  }

  /** Oldest first. */
  pending(hook: string): ServerEvent[] {
    return this.#db.all(eventRow, "SELECT json FROM hook_deliveries WHERE hook = ? ORDER BY event", hook);
  }

  pendingCount(hook: string): number {
    return this.#db.get(countRow, "SELECT count(*) AS count FROM hook_deliveries WHERE hook = ?", hook)?.count ?? 0;
  }
}

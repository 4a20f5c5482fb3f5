import { z } from "zod";
import { wallMs } from "../../core/clock.ts";
import type { Database } from "../../core/database.ts";
import { type EventType, type NewEvent, type ServerEvent, serverEvent } from "../../protocol/events.ts";

/** So many events can still be told to a client that comes back; of older lives of the server, the lasting ones. */
const KEPT = 4_096;
/** Older rows are removed after so many new ones. */
const PRUNE_EVERY = 256;
/** So frequent that only those who listen hear of them; a recording keeps its own. */
const FLEETING: ReadonlySet<EventType> = new Set(["analysis"]);

const textRow = z.object({ json: z.string() });
const newestRow = z.object({ id: z.number().int().nullable() });

/** Is told of every event, in order. Must not throw. */
export type EventListener = (event: ServerEvent) => void;

/** All that happens in the server, in one order. */
export class EventLog {
  readonly #db: Database;
  readonly #report: (problem: unknown) => void;
  readonly #listeners = new Set<EventListener>();
  /** Oldest first. */
  readonly #recent: ServerEvent[];
  #lastId: number;
  #stored = 0;

  /** Goes on where an earlier life of the server ended. `report` is told of events that cannot be kept. */
  constructor(db: Database, report: (problem: unknown) => void = () => {}) {
    this.#db = db;
    this.#report = report;
    this.#lastId = db.get(newestRow, "SELECT max(id) AS id FROM events")?.id ?? 0;
    const rows = db.all(textRow, "SELECT json FROM events ORDER BY id DESC LIMIT ?", KEPT);
    this.#recent = rows.toReversed().flatMap(({ json }) => parsed(json));
  }

  /** Gives what happened its place, keeps it and tells everybody. */
  emit(happened: NewEvent): ServerEvent {
    const atMs = wallMs();
    // The time, so that ids rise over restarts too, whatever was not kept; in whole numbers that JavaScript has.
    this.#lastId = Math.max(this.#lastId + 1, Math.floor(atMs * 1000));
    const event: ServerEvent = { ...happened, id: this.#lastId, at: new Date(atMs).toISOString() };
    this.#recent.push(event);
    if (this.#recent.length > 2 * KEPT) this.#recent.splice(0, KEPT);
    if (!FLEETING.has(event.type)) this.#store(event);
    for (const listener of this.#listeners) listener(event);
    return event;
  }

  /** What has happened after the event `id`, oldest first, as far as it is kept. */
  since(id: number): readonly ServerEvent[] {
    return this.#recent.filter((event) => event.id > id);
  }

  /** Calls `listener` for each event from now on, until the returned function is called. */
  listen(listener: EventListener): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** A full disk keeps nobody from hearing what happens. */
  #store(event: ServerEvent): void {
    try {
      this.#db.run("INSERT INTO events (id, json) VALUES (?, ?)", event.id, JSON.stringify(event));
      this.#stored += 1;
      if (this.#stored % PRUNE_EVERY !== 0) return;
      this.#db.run("DELETE FROM events WHERE id <= (SELECT id FROM events ORDER BY id DESC LIMIT 1 OFFSET ?)", KEPT);
    } catch (error) {
      this.#report(error);
    }
  }
}

/** A row of a version whose events were others is left out. */
function parsed(json: string): ServerEvent[] {
  const { success, data } = serverEvent.safeParse(JSON.parse(json));
  return success ? [data] : [];
}

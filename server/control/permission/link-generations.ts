import { z } from "zod";
import type { Database } from "../../core/database.ts";

const row = z.object({ channel: z.string(), generation: z.number().int() });

/**
 * Which links of each channel are good: those of its newest generation, which is counted from 0. A count outlives its
 * channel, so that links which were withdrawn are not good again when a channel of that name is made anew.
 */
export class LinkGenerations {
  readonly #db: Database;
  /** What is in the database, whose only writer this is: every request for media of such a channel asks. */
  readonly #generations: Map<string, number>;

  constructor(db: Database) {
    this.#db = db;
    const rows = db.all(row, "SELECT channel, generation FROM link_generations");
    this.#generations = new Map(rows.map(({ channel, generation }) => [channel, generation]));
  }

  of(channel: string): number {
    return this.#generations.get(channel) ?? 0;
  }

  /** What was signed before is good no more. */
  renew(channel: string): void {
    const next = this.of(channel) + 1;
    this.#db.run("INSERT OR REPLACE INTO link_generations VALUES (?, ?)", channel, next);
    this.#generations.set(channel, next);
  }
}

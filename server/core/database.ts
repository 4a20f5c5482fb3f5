import { chmodSync } from "node:fs";
import Libsql from "libsql";
import { z } from "zod";

/** What a row is made of and asked with. */
export type SqlValue = string | number | bigint | null | Uint8Array;

const versionRow = z.object({ user_version: z.number().int() });

/** How long a statement waits for another process, such as an operator's own `sqlite3`, in ms. */
const BUSY_MS = 2_000;

/**
 * The small facts that must outlive the process, in one SQLite file. Statements run at once, on the calling thread: rows
 * here are few and small, and a look-up takes microseconds. What comes out of the file passes a schema.
 */
export class Database implements AsyncDisposable {
  readonly #db: Libsql.Database;
  readonly #prepared = new Map<string, Libsql.Statement>();

  /**
   * Opens or makes the file, and brings it to the newest of `migrations`: each is run once, in their order, which must
   * never change. Throws when the file is none of ours, or of a newer version.
   */
  constructor(path: string, migrations: readonly string[]) {
    this.#db = new Libsql(path);
    try {
      // Hashes of keys are nobody else's business.
      chmodSync(path, 0o600);
      // A reader does not hold up the writer; after a crash of the machine the last statements may be missing, never half.
      this.#db.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA busy_timeout = ${BUSY_MS}`);
      this.#db.exec("PRAGMA foreign_keys = ON");
      this.#migrate(path, migrations);
    } catch (error) {
      this.#db.close();
      throw error;
    }
  }

  /** Changes rows; returns how many. */
  run(sql: string, ...values: SqlValue[]): number {
    return this.#prepare(sql).run(...values).changes;
  }

  /** The first row, as `schema` reads it. */
  get<T>(schema: z.ZodType<T>, sql: string, ...values: SqlValue[]): T | undefined {
    const row = this.#prepare(sql).get(...values);
    return row === undefined || row === null ? undefined : schema.parse(row);
  }

  /** All rows, as `schema` reads each. */
  all<T>(schema: z.ZodType<T>, sql: string, ...values: SqlValue[]): T[] {
    return this.#prepare(sql)
      .all(...values)
      .map((row) => schema.parse(row));
  }

  /** Makes all changes of `work` or none of them. */
  together<T>(work: () => T): T {
    this.#db.exec("BEGIN IMMEDIATE");
    try {
      const result = work();
      this.#db.exec("COMMIT");
      return result;
    } catch (error) {
      this.#db.exec("ROLLBACK");
      throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#prepared.clear();
    this.#db.close();
  }

  #prepare(sql: string): Libsql.Statement {
    const known = this.#prepared.get(sql);
    if (known !== undefined) return known;
    const prepared = this.#db.prepare(sql);
    this.#prepared.set(sql, prepared);
    return prepared;
  }

  #migrate(path: string, migrations: readonly string[]): void {
    const version = this.get(versionRow, "PRAGMA user_version")?.user_version ?? 0;
    if (version > migrations.length) {
      throw new Error(
        `${path} was written by a newer version of Millrace (${version}, this one knows ${migrations.length})`,
      );
    }
    migrations.slice(version).forEach((migration, index) => {
      this.together(() => {
        this.#db.exec(migration);
        this.#db.exec(`PRAGMA user_version = ${version + index + 1}`);
      });
    });
  }
}

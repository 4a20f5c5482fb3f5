import { readFile } from "node:fs/promises";
import { codeOf, messageOf } from "../../core/errors.ts";
import { writeWhole } from "../../core/files.ts";
import { type SourceTable, sourceProblems, sourceTable } from "../../protocol/sources.ts";

/** Only the server's user may read it: there are passwords in it. */
const MODE = 0o600;

/** Keeps what was named over the API for the next start. */
export class SourceStore {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  /** What was kept; rejects with words when that cannot be understood. */
  async load(): Promise<SourceTable> {
    const text = await readFile(this.#path, "utf8").catch((error: unknown) => {
      if (codeOf(error) === "ENOENT") return undefined;
      throw error;
    });
    if (text === undefined) return {};
    const parsed = sourceTable.safeParse(this.#parse(text));
    if (!parsed.success) throw new Error(sourceProblems(parsed.error, this.#path).join("\n"));
    return parsed.data;
  }

  async save(table: SourceTable): Promise<void> {
    await writeWhole(this.#path, `${JSON.stringify(table, undefined, 2)}\n`, { durable: true, mode: MODE });
  }

  #parse(text: string): unknown {
    try {
      return JSON.parse(text);
    } catch (error) {
      throw new Error(`${this.#path} cannot be read: ${messageOf(error)}`, { cause: error });
    }
  }
}

import { LiveError, messageOf } from "../../core/errors.ts";
import { Turns } from "../../core/turns.ts";
import type { Source, SourceSettings, SourceTable } from "../../protocol/sources.ts";
import type { SourceStore } from "./source-store.ts";
import type { Sources } from "./sources.ts";

/** So many can be named over the API. */
const MAX_SOURCES = 500;

/** What sources are named by. */
export interface NamedSourcesOptions {
  readonly store: SourceStore;
  readonly fromFile: SourceTable;
  readonly report: (event: string, details: Record<string, unknown>) => void;
}

/** The sources as an operator names them: those of the file, which stay, and those of the API, which are kept. */
export class NamedSources {
  readonly #sources: Sources;
  readonly #store: SourceStore;
  readonly #turns = new Turns();
  #kept: SourceTable = {};

  /** Starts those of the file, then those that were named over the API before. */
  static async start(sources: Sources, { store, fromFile, report }: NamedSourcesOptions): Promise<NamedSources> {
    const named = new NamedSources(sources, store);
    for (const [name, settings] of Object.entries(fromFile)) {
      await sources.set(name, settings, "config").catch((error: unknown) => {
        throw new Error(`millrace.config.json: sources.${name}: ${messageOf(error)}`, { cause: error });
      });
    }
    named.#kept = await store.load();
    for (const [name, settings] of Object.entries(named.#kept)) {
      // The server's own settings may have changed since: that must not keep it from starting.
      const left = (error: unknown) => report("a source cannot be named any more", { name, problem: messageOf(error) });
      if (sources.fromOf(name) === undefined) await sources.set(name, settings, "api").catch(left);
    }
    return named;
  }

  private constructor(sources: Sources, store: SourceStore) {
    this.#sources = sources;
    this.#store = store;
  }

  get list(): Source[] {
    return this.#sources.list;
  }

  /** Names a source or changes one that was named like this; resolves when it is kept for the next start. */
  set(name: string, settings: SourceSettings): Promise<Source> {
    return this.#turns.take(async () => {
      this.#refuseFixed(name);
      if (!(name in this.#kept) && Object.keys(this.#kept).length >= MAX_SOURCES) {
        throw new LiveError("no_room", `this server takes ${MAX_SOURCES} sources over the API`);
      }
      const source = await this.#sources.set(name, settings, "api");
      await this.#keep({ ...this.#kept, [name]: settings });
      return source;
    });
  }

  /** Resolves with false when there is none of this name. */
  delete(name: string): Promise<boolean> {
    return this.#turns.take(async () => {
      this.#refuseFixed(name);
      const wasThere = await this.#sources.delete(name);
      const rest = Object.entries(this.#kept).filter(([each]) => each !== name);
      if (wasThere) await this.#keep(Object.fromEntries(rest));
      return wasThere;
    });
  }

  #refuseFixed(name: string): void {
    if (this.#sources.fromOf(name) !== "config") return;
    throw new LiveError("forbidden", `the source ${name} stands in millrace.config.json: change it there`);
  }

  async #keep(table: SourceTable): Promise<void> {
    await this.#store.save(table);
    this.#kept = table;
  }
}

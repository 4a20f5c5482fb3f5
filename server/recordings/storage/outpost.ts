import { existsSync } from "node:fs";
import { readdir, rm } from "node:fs/promises";
import { join, relative } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { messageOf } from "../../core/errors.ts";
import { Turns } from "../../core/turns.ts";
import type { Catalog, CatalogEntry } from "../catalog.ts";
import { cacheOf, typeOf } from "../file-types.ts";
import { RECORD_NAME } from "../record.ts";
import { isWritten } from "../removal.ts";
import { type KeptFile, type Store, StoreError } from "./store.ts";
import { readStoredList, STORED_NAME, writeStoredList } from "./stored-list.ts";

/** What keeping recordings elsewhere needs of the rest. */
export interface OutpostOptions {
  readonly catalog: Catalog;
  readonly store: Store;
  /** Something that belongs to a recording is still made. */
  readonly isMaking: (id: string) => boolean;
  /** The files stay here, too. */
  readonly keepsHere: boolean;
  readonly report: (event: string, details: Record<string, unknown>) => void;
  /** Between two tries, in ms; as many tries as there are, and one more. */
  readonly waits?: readonly number[];
}

/** A store that is gone for a moment is back by then; after the last try the whole recording waits for the next look. */
const WAITS = [500, 2_000, 8_000, 30_000];
const LOOK_MS = 300_000;
/** Files that are under way at once. */
const AT_ONCE = 4;
/** What stays here in any case: small, and what the lists show. */
const STAYS = new Set([RECORD_NAME, STORED_NAME, "preview.jpg"]);

/** Keeps finished recordings in a store, too: brings them there, gives them out from there, deletes them there. */
export class Outpost implements AsyncDisposable {
  readonly #options: OutpostOptions;
  readonly #turns = new Turns();
  readonly #stop = new AbortController();
  readonly #timer: NodeJS.Timeout;
  #isAsked = false;

  constructor(options: OutpostOptions) {
    this.#options = options;
    this.#timer = setInterval(() => this.soon(), LOOK_MS).unref();
  }

  /** Something has changed: looks for what is not in the store yet, when the look under way is over. */
  soon(): void {
    if (this.#isAsked || this.#stop.signal.aborted) return;
    this.#isAsked = true;
    void this.#turns.take(async () => {
      this.#isAsked = false;
      await this.#look();
    });
  }

  /** A file that is only there; undefined for one that is here, or nowhere. */
  async open(folder: string, file: string, range: string | undefined): Promise<KeptFile | undefined> {
    if (existsSync(join(folder, file))) return undefined;
    const list = await readStoredList(folder);
    if (list?.files.includes(file) !== true) return undefined;
    return this.#options.store.get(`${list.prefix}/${file}`, range, this.#stop.signal);
  }

  /** What a recording says of itself has changed: it is brought there anew. Never rejects: that may come too late. */
  async update(folder: string): Promise<void> {
    const list = await readStoredList(folder);
    if (list === undefined) return;
    await this.#put(folder, list.prefix, RECORD_NAME).catch((error: unknown) => {
      this.#options.report("a recording's name could not be brought to the store", { reason: messageOf(error) });
    });
  }

  /** Deletes there what is kept of a recording. */
  async forget(folder: string): Promise<void> {
    const list = await readStoredList(folder);
    if (list === undefined) return;
    const { store } = this.#options;
    const remove = (file: string) => this.#retried(() => store.delete(`${list.prefix}/${file}`, this.#stop.signal));
    await inTurns(list.files, remove);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    this.#stop.abort();
    await this.#turns.take(async () => {});
  }

  async #look(): Promise<void> {
    const { catalog, isMaking, report } = this.#options;
    for (const entry of (await catalog.list().catch(() => [])).toReversed()) {
      if (this.#stop.signal.aborted) return;
      const { record, folder } = entry;
      if (isWritten(catalog, record) || isMaking(record.id) || existsSync(join(folder, STORED_NAME))) continue;
      await this.#ship(entry).catch((error: unknown) => {
        if (this.#stop.signal.aborted) return;
        report("a recording could not be brought to the store", { broadcast: record.id, reason: messageOf(error) });
      });
    }
  }

  /** The record comes last: what has one is whole. */
  async #ship({ record, folder }: CatalogEntry): Promise<void> {
    const prefix = `${record.channel}/${record.id}`;
    const files = (await filesBelow(folder)).filter((file) => file !== RECORD_NAME);
    await inTurns(files, (file) => this.#put(folder, prefix, file));
    await this.#put(folder, prefix, RECORD_NAME);
    await writeStoredList(folder, { prefix, files: [...files, RECORD_NAME] });
    if (this.#options.keepsHere) return;
    for (const file of files.filter((each) => !STAYS.has(each) && !each.startsWith("previews/"))) {
      await rm(join(folder, file), { force: true });
    }
  }

  #put(folder: string, prefix: string, file: string): Promise<void> {
    const kept = { path: join(folder, file), type: typeOf(file), cache: cacheOf(file) };
    return this.#retried(() => this.#options.store.put(`${prefix}/${file}`, kept, this.#stop.signal));
  }

  async #retried(work: () => Promise<void>): Promise<void> {
    const { signal } = this.#stop;
    for (const wait of this.#options.waits ?? WAITS) {
      try {
        return await work();
      } catch (error) {
        signal.throwIfAborted();
        if (error instanceof StoreError && !error.mayPass) throw error;
        await sleep(wait, undefined, { signal });
      }
    }
    return work();
  }
}

async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && !entry.name.endsWith(".part"));
  return files.map(({ parentPath, name }) => relative(folder, join(parentPath, name)).replaceAll("\\", "/"));
}

/** Some at a time; the first failure ends it. */
async function inTurns<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const left = [...items];
  const worker = async () => {
    for (let item = left.shift(); item !== undefined; item = left.shift()) {
      await work(item).catch((error: unknown) => {
        left.length = 0;
        throw error;
      });
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

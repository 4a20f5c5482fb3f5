import type { Catalog, CatalogEntry } from "./catalog.ts";
import { folderSize } from "./folder-size.ts";
import { isWritten } from "./removal.ts";
import type { Kept } from "./surplus.ts";

/** What tells whether a recording must stay where it is. */
export interface ShelfOptions {
  readonly catalog: Catalog;
  readonly isWatched: (id: string) => boolean;
  /** Something that belongs to it is still made. */
  readonly isMaking: (id: string) => boolean;
}

/** All recordings with their sizes, which are measured once: nothing changes in what is finished. */
export class Shelf {
  readonly #options: ShelfOptions;
  readonly #sizes = new Map<string, number>();

  constructor(options: ShelfOptions) {
    this.#options = options;
  }

  async list(): Promise<Kept[]> {
    const entries = await this.#options.catalog.list();
    const known = new Set(entries.map(({ record }) => record.id));
    for (const id of this.#sizes.keys()) if (!known.has(id)) this.#sizes.delete(id);
    const kept: Kept[] = [];
    for (const entry of entries) kept.push(await this.#kept(entry));
    return kept;
  }

  async #kept({ record, folder }: CatalogEntry): Promise<Kept> {
    const { catalog, isWatched, isMaking } = this.#options;
    const { id, channel, endedAt, clipOf } = record;
    const isChanging = isWritten(catalog, record) || isMaking(id);
    // A clip's segments are those of its recording for as long as that is there.
    const bytes = clipOf === undefined ? (this.#sizes.get(id) ?? (await folderSize(folder))) : record.bytes;
    if (!isChanging) this.#sizes.set(id, bytes);
    const stays = isChanging || clipOf !== undefined || isWatched(id);
    return { id, channel, endedMs: endedAt === null ? undefined : Date.parse(endedAt), bytes, stays };
  }
}

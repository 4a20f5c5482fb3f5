import { existsSync } from "node:fs";
import { rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { LiveError, messageOf } from "../core/errors.ts";
import type { Catalog } from "./catalog.ts";
import { GONE } from "./names.ts";
import type { BroadcastRecord } from "./record.ts";
import type { Replays } from "./replays.ts";
import { STORED_NAME } from "./storage/stored-list.ts";

/** What deleting recordings needs. */
export interface RemovalOptions {
  readonly catalog: Catalog;
  readonly replays: Replays;
  /** A recording is gone, and why. */
  readonly onRemoved: (record: BroadcastRecord, reason: string) => void;
  readonly report: (event: string, details: Record<string, unknown>) => void;
  /** Deletes what is kept elsewhere of the recording in a folder. */
  readonly forget?: ((folder: string) => Promise<void>) | undefined;
}

/** How often those that were watched when they were deleted are looked at. */
const LOOK_MS = 5_000;

/**
 * Deletes recordings: at once nobody finds them any more, and their files go when nobody plays them. A recording that is
 * being written stays.
 */
export class Removal implements Disposable {
  readonly #options: RemovalOptions;
  /** Those that are deleted and still played, by their ids. */
  readonly #watched = new Map<string, { readonly channel: string; readonly gone: string }>();
  #timer: NodeJS.Timeout | undefined;

  constructor(options: RemovalOptions) {
    this.#options = options;
  }

  /** Where the segments of a deleted recording are for those who play it. */
  folderOf(id: string): string | undefined {
    return this.#watched.get(id)?.gone;
  }

  /** The channel of a deleted recording that is still played. */
  channelOf(id: string): string | undefined {
    return this.#watched.get(id)?.channel;
  }

  /** Resolves with false when there is no such recording; rejects with `in_use` when it is being written. */
  async remove(id: string, reason: string): Promise<boolean> {
    const { catalog, replays, onRemoved } = this.#options;
    const entry = await catalog.find(id);
    if (entry === undefined) return false;
    if (isWritten(catalog, entry.record)) throw new LiveError("in_use", "the recording is still being written");
    const gone = `${entry.folder}${GONE}`;
    await rename(entry.folder, gone);
    onRemoved(entry.record, reason);
    if (replays.isWatched(id)) this.#later(id, { channel: entry.record.channel, gone });
    else {
      const discarding = this.#discard(gone);
      // What is far away takes its time.
      if (!existsSync(join(gone, STORED_NAME))) await discarding;
    }
    return true;
  }

  /** At the start: removes what an earlier life of the server had deleted or half made. */
  async removeLeftovers(): Promise<void> {
    for (const folder of await this.#options.catalog.leftovers()) await this.#discard(folder);
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
  }

  #later(id: string, watched: { readonly channel: string; readonly gone: string }): void {
    this.#watched.set(id, watched);
    this.#timer ??= setTimeout(() => void this.#sweep(), LOOK_MS).unref();
  }

  async #sweep(): Promise<void> {
    for (const [id, { gone }] of this.#watched) {
      if (this.#options.replays.isWatched(id)) continue;
      this.#watched.delete(id);
      await this.#discard(gone);
    }
    this.#timer = this.#watched.size === 0 ? undefined : setTimeout(() => void this.#sweep(), LOOK_MS).unref();
  }

  /** Its folder goes last: the next start finds again what cannot be deleted now. Never rejects. */
  async #discard(gone: string): Promise<void> {
    try {
      await this.#options.forget?.(gone);
      await rm(gone, { recursive: true, force: true });
    } catch (error) {
      this.#options.report("a deleted recording's files cannot be removed", { gone, reason: messageOf(error) });
    }
  }
}

/** Whether somebody writes its files: while it is live, and until it has its end. */
export function isWritten(catalog: Catalog, { id, endedAt }: BroadcastRecord): boolean {
  return endedAt === null || catalog.live.has(id);
}

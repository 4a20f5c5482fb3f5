import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { writeWhole } from "../core/files.ts";
import { Turns } from "../core/turns.ts";
import { broadcastId } from "../protocol/names.ts";
import { GONE, UNFINISHED } from "./names.ts";
import { type BroadcastRecord, broadcastRecord, mediaNames, RECORD_NAME } from "./record.ts";

/** A recording and where it lies. */
export interface CatalogEntry {
  readonly record: BroadcastRecord;
  readonly folder: string;
}

/**
 * All recordings, read from the folders themselves: what is copied in is there, what is deleted is gone, and nothing
 * else has to agree with the disk.
 */
export class Catalog {
  /** Ids of the broadcasts that are being written now; a record that says so of another was left by a crash. */
  readonly live = new Set<string>();
  readonly #root: string;
  /** Where a recording was found before: asked for with every segment that is replayed. */
  readonly #channelOf = new Map<string, string>();
  /** What is changed is read and written by one at a time. */
  readonly #changes = new Turns();

  /** `root` holds `CHANNEL/BROADCAST/`; it need not exist yet. */
  constructor(root: string) {
    this.#root = root;
  }

  folderOf(record: { readonly channel: string; readonly id: string }): string {
    return join(this.#root, record.channel, record.id);
  }

  /** Newest first; of one channel, or of all. */
  async list(channel?: string): Promise<CatalogEntry[]> {
    const channels = channel === undefined ? await foldersIn(this.#root) : [channel];
    const perChannel = await Promise.all(channels.map((channel) => this.#ofChannel(channel)));
    return perChannel.flat().toSorted((a, b) => b.record.id.localeCompare(a.record.id));
  }

  /** One recording; undefined when there is none with this id. */
  async find(id: string): Promise<CatalogEntry | undefined> {
    const known = this.#channelOf.get(id);
    const channels = known === undefined ? await foldersIn(this.#root) : [known];
    for (const channel of channels) {
      const entry = await this.#read(join(this.#root, channel, id));
      if (entry === undefined) continue;
      this.#channelOf.set(id, channel);
      return entry;
    }
    this.#channelOf.delete(id);
    return undefined;
  }

  /** The channel of a recording; undefined when there is none with this id. */
  async channelOf(id: string): Promise<string | undefined> {
    return this.#channelOf.get(id) ?? (await this.find(id))?.record.channel;
  }

  /** Writes a record into the recording's folder, wherever that is now. */
  async write(record: BroadcastRecord, folder = this.folderOf(record)): Promise<void> {
    const text = `${JSON.stringify(record, null, 2)}\n`;
    await writeWhole(join(folder, RECORD_NAME), text, { durable: true });
  }

  /** Writes a record anew as `change` wants it; undefined when there is no such recording. */
  change(id: string, change: (record: BroadcastRecord) => BroadcastRecord): Promise<BroadcastRecord | undefined> {
    return this.#changes.take(async () => {
      const entry = await this.find(id);
      if (entry === undefined) return undefined;
      const changed = change(entry.record);
      await this.write(changed);
      return changed;
    });
  }

  /** Folders of what an earlier life of the server had deleted or half made. */
  async leftovers(): Promise<string[]> {
    const left: string[] = [];
    for (const channel of await foldersIn(this.#root)) {
      const names = await foldersIn(join(this.#root, channel));
      const own = names.filter((name) => name.endsWith(GONE) || name.endsWith(UNFINISHED));
      left.push(...own.map((name) => join(this.#root, channel, name)));
    }
    return left;
  }

  /** The recordings of one channel, in no order. */
  async #ofChannel(channel: string): Promise<CatalogEntry[]> {
    const ids = (await foldersIn(join(this.#root, channel))).filter((name) => broadcastId.safeParse(name).success);
    const entries = await Promise.all(ids.map((id) => this.#read(join(this.#root, channel, id))));
    return entries.filter((entry) => entry !== undefined);
  }

  /** A folder without a readable record is no recording. */
  async #read(folder: string): Promise<CatalogEntry | undefined> {
    try {
      const record = broadcastRecord.parse(JSON.parse(await readFile(join(folder, RECORD_NAME), "utf8")));
      return { record: await this.#asItIs(record, folder), folder };
    } catch {
      return undefined;
    }
  }

  /** Until its end is written, only the file knows how large the archive is. */
  async #asItIs(record: BroadcastRecord, folder: string): Promise<BroadcastRecord> {
    if (record.endedAt !== null) return record;
    const { size } = await stat(join(folder, mediaNames(record.container).source));
    return { ...record, bytes: size, state: this.live.has(record.id) ? "recording" : "interrupted" };
  }
}

async function foldersIn(path: string): Promise<string[]> {
  const entries = await readdir(path, { withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
}

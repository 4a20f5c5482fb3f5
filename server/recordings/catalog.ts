import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { writeWhole } from "../core/files.ts";
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
  readonly #root: string;

  /** `root` holds `CHANNEL/BROADCAST/`; it need not exist yet. */
  constructor(root: string) {
    this.#root = root;
  }

  folderOf(record: { readonly channel: string; readonly id: string }): string {
    return join(this.#root, record.channel, record.id);
  }

  /** Newest first. */
  async list(): Promise<CatalogEntry[]> {
    const channels = await foldersIn(this.#root);
    const perChannel = await Promise.all(channels.map((channel) => this.#ofChannel(channel)));
    return perChannel.flat().toSorted((a, b) => b.record.id.localeCompare(a.record.id));
  }

  /** One recording; undefined when there is none with this id. */
  async find(id: string): Promise<CatalogEntry | undefined> {
    for (const channel of await foldersIn(this.#root)) {
      const entry = await readEntry(join(this.#root, channel, id));
      if (entry !== undefined) return entry;
    }
    return undefined;
  }

  async write(record: BroadcastRecord): Promise<void> {
    await writeWhole(join(this.folderOf(record), RECORD_NAME), `${JSON.stringify(record, null, 2)}\n`);
  }

  async #ofChannel(channel: string): Promise<CatalogEntry[]> {
    const ids = await foldersIn(join(this.#root, channel));
    const entries = await Promise.all(ids.map((id) => readEntry(join(this.#root, channel, id))));
    return entries.filter((entry) => entry !== undefined);
  }
}

async function foldersIn(path: string): Promise<string[]> {
  const entries = await readdir(path, { withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
}

/** A folder without a readable record is no recording. */
async function readEntry(folder: string): Promise<CatalogEntry | undefined> {
  try {
    const record = broadcastRecord.parse(JSON.parse(await readFile(join(folder, RECORD_NAME), "utf8")));
    return { record: await withSize(record, folder), folder };
  } catch {
    return undefined;
  }
}

/** While it is written, only the file knows how large the archive is. */
async function withSize(record: BroadcastRecord, folder: string): Promise<BroadcastRecord> {
  if (record.state !== "recording") return record;
  const { size } = await stat(join(folder, mediaNames(record.container).source));
  return { ...record, bytes: size };
}

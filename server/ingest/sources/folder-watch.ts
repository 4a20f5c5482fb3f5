import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { messageOf } from "../../core/errors.ts";
import { fileTypeOf } from "../../media/file-types.ts";

/** What is told of a folder's files; paths are relative to it. */
export interface FolderWatchOptions {
  /** Finds the folder; rejects while it is not there. */
  readonly find: () => Promise<string>;
  /** A file is there and complete. Returns whether it has become a channel: else it is told of again at the next look. */
  readonly onFound: (channel: string, path: string) => boolean;
  /** It is there no more, or another one is in its place, which {@link onFound} tells next. */
  readonly onGone: (channel: string) => Promise<void>;
  readonly report: (event: string, details: Record<string, unknown>) => void;
  /** How often the folder is looked at. */
  readonly everyMs?: number;
}

/** One file as a look found it. */
interface Seen {
  readonly path: string;
  /** Changes when the file does. */
  readonly version: string;
}

/** A file appears within two looks: the first one may see it half written. */
const LOOK_MS = 2_000;
/** What has not changed for so long is complete. */
const OLD_MS = 10_000;
/** A folder with more is not looked at any further. */
const MAX_FILES = 500;
const MAX_DEPTH = 8;

/**
 * Looks at a folder and all below it again and again. Not told by the system: that has no words for files on a network
 * drive, and none for a file that is complete.
 */
export class FolderWatch implements AsyncDisposable {
  readonly #options: FolderWatchOptions;
  readonly #closed = new AbortController();
  readonly #done: Promise<void>;
  readonly #shown = new Map<string, Seen>();
  readonly #told = new Set<string>();
  #before = new Map<string, string>();
  #problem: string | undefined;

  constructor(options: FolderWatchOptions) {
    this.#options = options;
    this.#done = this.#watch();
  }

  /** Why the folder cannot be read; undefined when it can. */
  get problem(): string | undefined {
    return this.#problem;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed.abort();
    await this.#done;
  }

  async #watch(): Promise<void> {
    const { signal } = this.#closed;
    const { everyMs = LOOK_MS, report } = this.#options;
    while (!signal.aborted) {
      const found = await this.#look().catch((error: unknown) => {
        if (this.#problem === undefined) report("a folder of sources cannot be read", { problem: messageOf(error) });
        this.#problem = messageOf(error);
        return [];
      });
      if (!signal.aborted) await this.#show(this.#channelsOf(found));
      await sleep(everyMs, undefined, { signal }).catch(() => {});
    }
  }

  /** All files that can be played and are complete: they are as they were at the look before, or were long ago. */
  async #look(): Promise<Seen[]> {
    const root = await this.#options.find();
    const now = new Map<string, string>();
    for (const path of await filesBelow(root)) {
      // A link would lead out of the folder; a file that has gone meanwhile is seen so at the next look.
      const { size, mtimeMs } = await stat(join(root, path)).catch(() => ({ size: 0, mtimeMs: 0 }));
      if (size > 0) now.set(path, `${size} ${mtimeMs}`);
    }
    const complete = [...now].filter(([path, version]) => this.#before.get(path) === version || isOld(version));
    this.#before = now;
    this.#problem = now.size < MAX_FILES ? undefined : `only ${MAX_FILES} files of a folder are shown`;
    return complete.map(([path, version]) => ({ path, version }));
  }

  /** Of several files whose names make one channel, the first by name has it. */
  #channelsOf(found: readonly Seen[]): Map<string, Seen> {
    const channels = new Map<string, Seen>();
    for (const seen of found) {
      const channel = channelOf(seen.path);
      const first = channels.get(channel);
      if (first === undefined && channel !== "live") channels.set(channel, seen);
      else this.#leaveOut(channel, seen.path);
    }
    return channels;
  }

  /** Said once of each file. */
  #leaveOut(channel: string, path: string): void {
    if (this.#told.has(path)) return;
    this.#told.add(path);
    this.#options.report("a file of a folder is left out: its channel is another's", { channel, path });
  }

  async #show(channels: ReadonlyMap<string, Seen>): Promise<void> {
    const gone = [...this.#shown].filter(([channel, { path, version }]) => {
      const now = channels.get(channel);
      return now?.path !== path || now.version !== version;
    });
    for (const [channel] of gone) this.#shown.delete(channel);
    await Promise.all(gone.map(([channel]) => this.#options.onGone(channel)));
    for (const [channel, seen] of channels) {
      if (this.#shown.has(channel) || this.#closed.signal.aborted) continue;
      if (this.#options.onFound(channel, seen.path)) this.#shown.set(channel, seen);
      else this.#leaveOut(channel, seen.path);
    }
  }
}

/** A file's channel: its path without the ending, with a letter of a channel's name in the place of every other one. */
export function channelOf(path: string): string {
  return path
    .replace(/\.[A-Za-z0-9]+$/, "")
    .replaceAll(/[\\/]/g, "-")
    .replaceAll(/[^A-Za-z0-9_-]/g, "_")
    .slice(0, 128);
}

/** Files that can be played, by name, without hidden ones; links are not followed. */
async function filesBelow(root: string): Promise<string[]> {
  const files: string[] = [];
  const enter = async (folder: string, depth: number): Promise<void> => {
    const entries = await readdir(join(root, folder), { withFileTypes: true });
    for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      if (files.length >= MAX_FILES) return;
      if (entry.name.startsWith(".")) continue;
      const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
      // A folder that cannot be entered has nothing to show.
      if (entry.isDirectory() && depth < MAX_DEPTH) await enter(path, depth + 1).catch(() => {});
      else if (entry.isFile() && fileTypeOf(entry.name) !== undefined) files.push(path);
    }
  };
  await enter("", 0);
  return files;
}

function isOld(version: string): boolean {
  return Date.now() - Number(version.split(" ")[1]) > OLD_MS;
}

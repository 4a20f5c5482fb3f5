import { existsSync } from "node:fs";
import { readFile, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { wallMs } from "../core/clock.ts";
import { messageOf } from "../core/errors.ts";
import type { Catalog, CatalogEntry } from "./catalog.ts";
import { type BroadcastRecord, mediaNames } from "./record.ts";

/** Copies a container into a new file with duration and cues; rejects when it cannot. */
export type Remux = (
  job: { readonly from: string; readonly to: string; readonly container: BroadcastRecord["container"] },
  signal: AbortSignal,
) => Promise<void>;

/** What the recorder needs of the rest. */
export interface RecorderOptions {
  readonly catalog: Catalog;
  readonly remux: Remux;
  readonly report: (event: string, details: Record<string, unknown>) => void;
}

/** What is known of a broadcast when it ends. */
export interface RecordingEnd {
  readonly bytes: number;
  readonly durationMs: number | null;
}

/** Stopping may wait this long for a remux that is under way; the next start makes it anew. */
const CLOSE_GRACE_MS = 3_000;

/** Keeps the records of broadcasts and makes what can only be made after their end: one remux at a time. */
export class Recorder implements AsyncDisposable {
  readonly #options: RecorderOptions;
  readonly #stop = new AbortController();
  #queue: Promise<void> = Promise.resolve();
  #waiting = 0;

  constructor(options: RecorderOptions) {
    this.#options = options;
  }

  /** Remuxes that are under way or waiting. */
  get waiting(): number {
    return this.#waiting;
  }

  /** A broadcast begins: its folder gets its record. */
  begin(broadcast: Pick<BroadcastRecord, "id" | "channel" | "container"> & { startedMs: number }): Promise<void> {
    const { id, channel, container, startedMs } = broadcast;
    const startedAt = new Date(startedMs).toISOString();
    const record = { id, channel, container, startedAt, endedAt: null, durationMs: null, bytes: 0 };
    this.#options.catalog.live.add(id);
    return this.#options.catalog.write({ ...record, state: "recording" });
  }

  /** A broadcast has ended and its files are complete; the seekable copy follows in the background. */
  async finish(id: string, end: RecordingEnd): Promise<void> {
    const { catalog } = this.#options;
    const entry = await catalog.find(id);
    if (entry === undefined) return;
    const record = { ...entry.record, ...end, endedAt: new Date(wallMs()).toISOString(), state: "finished" as const };
    // When the disk is full its end cannot be written; it then counts as interrupted.
    await catalog.write(record).finally(() => catalog.live.delete(id));
    this.#makeSeekable(record);
  }

  /** At the start: what a crash left open is closed, and what is missing is made. */
  async recover(): Promise<void> {
    for (const entry of await this.#options.catalog.list()) {
      // One that cannot be written now, on a full disk for example, must not keep the others from being played.
      await this.#complete(entry).catch((error: unknown) => {
        const { id } = entry.record;
        this.#options.report("a recording could not be completed", { broadcast: id, reason: messageOf(error) });
      });
    }
  }

  async #complete({ record, folder }: CatalogEntry): Promise<void> {
    const { source, seekable } = mediaNames(record.container);
    await rm(join(folder, `${seekable}.part`), { force: true });
    if (record.endedAt === null) await this.#interrupt(record, join(folder, source));
    if (!existsSync(join(folder, seekable)) && record.bytes > 0) this.#makeSeekable(record);
  }

  /** Waits a moment for the remux under way, then drops it and the others: the next start finds what is missing. */
  async [Symbol.asyncDispose](): Promise<void> {
    const timer = setTimeout(() => this.#stop.abort(), CLOSE_GRACE_MS);
    await this.#queue;
    clearTimeout(timer);
  }

  async #interrupt(record: BroadcastRecord, source: string): Promise<void> {
    const { size, mtime } = await stat(source);
    const ended = { endedAt: mtime.toISOString(), bytes: size, state: "interrupted" as const };
    await this.#options.catalog.write({ ...record, ...ended });
  }

  #makeSeekable(record: BroadcastRecord): void {
    this.#waiting++;
    this.#queue = this.#queue
      .then(() => this.#remux(record))
      .catch((error: unknown) => {
        this.#options.report("no seekable copy could be made", { broadcast: record.id, reason: messageOf(error) });
      })
      .finally(() => {
        this.#waiting--;
      });
  }

  async #remux(record: BroadcastRecord): Promise<void> {
    const { signal } = this.#stop;
    if (signal.aborted) return;
    const folder = this.#options.catalog.folderOf(record);
    const { source, seekable } = mediaNames(record.container);
    const containers = await countContainers(folder);
    // Copied into one file, the times of the second would begin at 0 again in the middle of it.
    if (containers > 1) throw new Error(`the publisher changed its container, there are ${containers} in the archive`);
    const to = join(folder, `${seekable}.part`);
    try {
      await this.#options.remux({ from: join(folder, source), to, container: record.container }, signal);
      await rename(to, join(folder, seekable));
    } finally {
      await rm(to, { force: true });
    }
  }
}

/** How many containers the index tells of. */
async function countContainers(folder: string): Promise<number> {
  const index = await readFile(join(folder, "index"), "utf8").catch(() => "");
  return index.match(/^e /gm)?.length ?? 1;
}

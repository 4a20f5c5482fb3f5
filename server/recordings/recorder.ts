import { existsSync } from "node:fs";
import { rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { wallMs } from "../core/clock.ts";
import { messageOf } from "../core/errors.ts";
import { removeTemporaries } from "../core/files.ts";
import type { Catalog, CatalogEntry } from "./catalog.ts";
import { type ArchivedContainer, readContainers } from "./containers.ts";
import { type BroadcastRecord, mediaNames, WORKING_NAME } from "./record.ts";
import { STORED_NAME } from "./storage/stored-list.ts";

/** Brings an archive into a new file with duration and cues, all of its containers one after the other. */
export type Remux = (
  job: {
    readonly from: string;
    readonly to: string;
    readonly container: BroadcastRecord["container"];
    /** Where they lie in the archive; at most one when the publisher never changed it. */
    readonly containers: readonly ArchivedContainer[];
  },
  signal: AbortSignal,
) => Promise<void>;

/** What the recorder needs of the rest. */
export interface RecorderOptions {
  readonly catalog: Catalog;
  readonly remux: Remux;
  readonly report: (event: string, details: Record<string, unknown>) => void;
  /** A recording has its end and everything that belongs to it. */
  readonly onComplete?: () => void;
}

/** A broadcast that begins to be recorded. */
export interface RecordingBegin {
  readonly id: string;
  readonly channel: string;
  readonly container: BroadcastRecord["container"];
  readonly startedMs: number;
  /** SHA-256 of the resume token as hex; undefined when its publisher cannot come back. */
  readonly tokenHash?: string | undefined;
}

/** What is known of a broadcast when it ends. */
export interface RecordingEnd {
  readonly bytes: number;
  readonly durationMs: number | null;
  /** Whether its publisher ended it, or went without a word. */
  readonly state?: "finished" | "interrupted";
}

/** Stopping may wait this long for a remux that is under way; the next start makes it anew. */
const CLOSE_GRACE_MS = 3_000;

/** Keeps the records of broadcasts and makes what can only be made after their end: one remux at a time. */
export class Recorder implements AsyncDisposable {
  readonly #options: RecorderOptions;
  readonly #stop = new AbortController();
  #queue: Promise<void> = Promise.resolve();
  /** Ids of recordings whose remuxes are under way or waiting. */
  readonly #unfinished = new Set<string>();

  constructor(options: RecorderOptions) {
    this.#options = options;
  }

  /** Remuxes that are under way or waiting. */
  get waiting(): number {
    return this.#unfinished.size;
  }

  /** Whether something that belongs to a recording is still made. */
  isMaking(id: string): boolean {
    return this.#unfinished.has(id);
  }

  /** A broadcast begins: its folder gets its record. */
  begin({ id, channel, container, startedMs, tokenHash }: RecordingBegin): Promise<void> {
    const startedAt = new Date(startedMs).toISOString();
    const record = { id, channel, container, startedAt, endedAt: null, durationMs: null, bytes: 0 };
    const resume = tokenHash === undefined ? {} : { resume: { tokenHash, remainingMs: null } };
    this.#options.catalog.live.add(id);
    return this.#options.catalog.write({ ...record, state: "recording", ...resume });
  }

  /** This process ends, and the next one is to go on with the broadcast. */
  async suspend(id: string, { bytes, remainingMs }: { bytes: number; remainingMs: number }): Promise<void> {
    await this.#options.catalog.change(id, (record) => {
      if (record.resume === undefined) return record;
      return { ...record, bytes, state: "suspended", resume: { ...record.resume, remainingMs } };
    });
  }

  /** A broadcast has ended and its files are complete; the seekable copy follows in the background. */
  async finish(id: string, { bytes, durationMs, state = "finished" }: RecordingEnd): Promise<void> {
    const { catalog } = this.#options;
    const endedAt = new Date(wallMs()).toISOString();
    const changed = catalog.change(id, ({ resume: _, ...rest }) => ({ ...rest, bytes, durationMs, endedAt, state }));
    // When the disk is full its end cannot be written; the next start tries again.
    const record = await changed.finally(() => catalog.live.delete(id));
    if (record !== undefined) this.#makeSeekable(record);
  }

  /** A broadcast has ended, and not all of it could be written: nobody writes it now. */
  leave(id: string): void {
    this.#options.catalog.live.delete(id);
  }

  /**
   * At the start: what is missing is made, and what a crash left half written is removed. Returns the recordings that
   * have no end, oldest first: somebody must go on with them or {@link interrupt} them.
   */
  async recover(): Promise<CatalogEntry[]> {
    const left: CatalogEntry[] = [];
    for (const entry of (await this.#options.catalog.list()).toReversed()) {
      // One that cannot be written now, on a full disk for example, must not keep the others from being played.
      await this.#complete(entry, left).catch((error: unknown) => {
        const { id } = entry.record;
        this.#options.report("a recording could not be completed", { broadcast: id, reason: messageOf(error) });
      });
    }
    return left;
  }

  /** Nobody can go on with this recording: it ends where its archive does. */
  async interrupt({ record, folder }: CatalogEntry): Promise<void> {
    const { resume: _, ...rest } = record;
    const { size, mtime } = await stat(join(folder, mediaNames(record.container).source));
    const ended = { ...rest, endedAt: mtime.toISOString(), bytes: size, state: "interrupted" as const };
    await this.#options.catalog.write(ended);
    this.#options.catalog.live.delete(record.id);
    if (size > 0) this.#makeSeekable(ended);
  }

  async #complete(entry: CatalogEntry, left: CatalogEntry[]): Promise<void> {
    const { record, folder } = entry;
    const { source, seekable } = mediaNames(record.container);
    if (record.endedAt !== null) {
      for (const name of [`${seekable}.part`, WORKING_NAME]) await rm(join(folder, name), { force: true });
      const isElsewhere = existsSync(join(folder, STORED_NAME));
      const isWanted = record.bytes > 0 && record.clipOf === undefined && !isElsewhere;
      if (isWanted && !existsSync(join(folder, seekable))) this.#makeSeekable(record);
      return;
    }
    await removeTemporaries(folder);
    const { size } = await stat(join(folder, source));
    // Its first bytes never reached the file, so nobody was ever told that they had.
    if (size === 0) await rm(folder, { recursive: true });
    else left.push(entry);
  }

  /** Waits a moment for the remux under way, then drops it and the others: the next start finds what is missing. */
  async [Symbol.asyncDispose](): Promise<void> {
    const timer = setTimeout(() => this.#stop.abort(), CLOSE_GRACE_MS);
    await this.#queue;
    clearTimeout(timer);
  }

  #makeSeekable(record: BroadcastRecord): void {
    const { report, onComplete } = this.#options;
    this.#unfinished.add(record.id);
    this.#queue = this.#queue
      .then(() => this.#remux(record))
      .catch((error: unknown) => {
        report("no seekable copy could be made", { broadcast: record.id, reason: messageOf(error) });
      })
      .finally(() => {
        this.#unfinished.delete(record.id);
        onComplete?.();
      });
  }

  async #remux(record: BroadcastRecord): Promise<void> {
    const { signal } = this.#stop;
    // It may be deleted by the time that its turn comes.
    if (signal.aborted || (await this.#options.catalog.find(record.id)) === undefined) return;
    const folder = this.#options.catalog.folderOf(record);
    const { source, seekable } = mediaNames(record.container);
    const containers = await readContainers(join(folder, "index"), record.bytes);
    const to = join(folder, `${seekable}.part`);
    try {
      await this.#options.remux({ from: join(folder, source), to, container: record.container, containers }, signal);
      await rename(to, join(folder, seekable));
    } finally {
      await rm(to, { force: true });
    }
  }
}

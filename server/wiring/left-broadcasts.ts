import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Broadcast } from "../broadcast/broadcast.ts";
import type { BroadcastRegistry } from "../broadcast/registry.ts";
import { type LeftBroadcast, reopenBroadcast } from "../broadcast/reopen.ts";
import type { DiskFloor } from "../core/disk.ts";
import { messageOf } from "../core/errors.ts";
import { type Past, readPast } from "../packaging/past.ts";
import type { Catalog, CatalogEntry } from "../recordings/catalog.ts";
import { mediaNames } from "../recordings/record.ts";
import type { Recorder } from "../recordings/recorder.ts";
import type { LiveBroadcast } from "./live-broadcast.ts";

/** What is needed to go on with broadcasts of an earlier life of the server. */
export interface LeftBroadcastsOptions {
  readonly registry: BroadcastRegistry;
  readonly catalog: Catalog;
  readonly recorder: Recorder;
  readonly resumeMs: number;
  /** What could not be written waits for room. */
  readonly floor: DiskFloor;
  /** Carries a broadcast through the stages. */
  readonly begin: (broadcast: Broadcast, past: Past) => LiveBroadcast;
  /** The same for one that is over: nobody watches it. */
  readonly finish: (broadcast: Broadcast, past: Past) => LiveBroadcast;
  readonly report: (event: string, details: Record<string, unknown>) => void;
}

/** Between two looks at a disk that had no room, and at most, since each try may encode a whole broadcast in vain. */
const ROOM_EVERY_MS = 5_000;
const ROOM_EVERY_AT_MOST_MS = 600_000;

/**
 * Goes on with the broadcasts that an earlier life of the server left without an end, be it that it was stopped or
 * killed. Those that can be resumed wait for their publishers; the others are brought to their end one by one.
 */
export class LeftBroadcasts {
  readonly #options: LeftBroadcastsOptions;
  readonly #stop = new AbortController();
  /** How often each was tried that could not be written. */
  readonly #tries = new Map<string, number>();
  #finishing: Promise<void> = Promise.resolve();

  constructor(options: LeftBroadcastsOptions) {
    this.#options = options;
  }

  /** Resolves when publishers may come: what they can resume is there. `entries` are the oldest first. */
  async goOn(entries: readonly CatalogEntry[]): Promise<void> {
    // Of a channel's broadcasts only the newest can be live; older ones are left of lives that could not finish them.
    const newest = new Map(entries.map((entry) => [entry.record.channel, entry]));
    const held = [...newest.values()].filter(({ record }) => record.resume !== undefined);
    for (const entry of held) await this.#try(entry, () => this.#hold(entry));
    this.#finishing = this.#finishAll(entries.filter((entry) => !held.includes(entry)));
  }

  /** No further ones are begun: the next start finds them again. Resolves when the one under way is over. */
  stop(): Promise<void> {
    this.#stop.abort();
    return this.#finishing;
  }

  /** A broadcast of this life has ended, and not all of it could be written: it is finished when there is room. */
  later(id: string): void {
    const waitMs = this.#countTry(id);
    // One after the other, like all that are left.
    this.#finishing = Promise.all([this.#finishing, this.#room(waitMs)]).then(() => this.#finishById(id));
  }

  async #hold({ record, folder }: CatalogEntry): Promise<void> {
    const { registry, catalog, resumeMs, begin } = this.#options;
    if (record.resume === undefined) return;
    catalog.live.add(record.id);
    const { tokenHash, remainingMs } = record.resume;
    const past = await readPast(folder);
    const left = { ...leftBroadcast({ record, folder }), tokenHash, remainingMs: remainingMs ?? resumeMs };
    await registry.reopen(left, (broadcast) => void begin(broadcast, past));
  }

  async #finishAll(entries: readonly CatalogEntry[]): Promise<void> {
    for (const entry of entries) {
      if (this.#stop.signal.aborted) return;
      await this.#try(entry, () => this.#finish(entry));
    }
  }

  #countTry(id: string): number {
    const tries = this.#tries.get(id) ?? 0;
    this.#tries.set(id, tries + 1);
    return Math.min(ROOM_EVERY_AT_MOST_MS, ROOM_EVERY_MS * 2 ** tries);
  }

  /** Resolves when there is room again, or the server stops. */
  async #room(waitMs: number): Promise<void> {
    const { signal } = this.#stop;
    const hasRoom = () =>
      this.#options.floor.check().then(
        () => true,
        () => false,
      );
    do await sleep(waitMs, undefined, { signal }).catch(() => {});
    while (!signal.aborted && !(await hasRoom()));
  }

  async #finishById(id: string): Promise<void> {
    const entry = this.#stop.signal.aborted ? undefined : await this.#options.catalog.find(id);
    if (entry === undefined || entry.record.endedAt !== null) return;
    await this.#try(entry, () => this.#finish(entry));
  }

  /** What the archive has and was not published yet is published, and the recording gets its end. */
  async #finish(entry: CatalogEntry): Promise<void> {
    const past = await readPast(entry.folder);
    const { broadcast, hadEnded } = await reopenBroadcast(leftBroadcast(entry));
    if (this.#stop.signal.aborted) {
      await broadcast.end({ reason: "suspended", remainingMs: 0 });
      return broadcast.log[Symbol.asyncDispose]();
    }
    const carried = this.#options.finish(broadcast, past);
    await broadcast.end({ reason: hadEnded ? "finished" : "interrupted" });
    await carried.done;
  }

  /** What cannot be opened again ends where its archive does. */
  async #try(entry: CatalogEntry, work: () => Promise<void>): Promise<void> {
    const { recorder, report } = this.#options;
    try {
      await work();
    } catch (error) {
      const broadcast = entry.record.id;
      report("a broadcast could not be gone on with", { broadcast, reason: messageOf(error) });
      await recorder.interrupt(entry).catch((failure: unknown) => {
        report("a recording could not be completed", { broadcast, reason: messageOf(failure) });
      });
    }
  }
}

function leftBroadcast({ record, folder }: CatalogEntry): LeftBroadcast {
  return {
    id: record.id,
    channel: record.channel,
    startedMs: Date.parse(record.startedAt),
    sourcePath: join(folder, mediaNames(record.container).source),
    indexPath: join(folder, "index"),
    isImages: record.container === "frames",
  };
}

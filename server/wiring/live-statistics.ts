import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Broadcast } from "../broadcast/broadcast.ts";
import type { BroadcastRegistry } from "../broadcast/registry.ts";
import type { EventLog } from "../control/events/event-log.ts";
import { Sampler } from "../control/statistics/sampler.ts";
import type { Figures } from "../control/statistics/stats-routes.ts";
import { monotonicMs } from "../core/clock.ts";
import type { DiskFloor } from "../core/disk.ts";
import { writeWhole } from "../core/files.ts";
import { ProcessMeter } from "../core/process-meter.ts";
import { summarize } from "../core/summary.ts";
import type { FrameHub } from "../delivery/frames/frame-hub.ts";
import type { LiveHub } from "../delivery/socket/hub.ts";
import { socketStats, socketViewers } from "../delivery/socket/stats.ts";
import type { ViewerBook } from "../delivery/viewers/viewer-book.ts";
import {
  type Audience,
  type AudienceSample,
  audienceHistory,
  type BroadcastStats,
  type ServerStats,
  type ViewerStats,
} from "../protocol/stats.ts";
import type { Catalog } from "../recordings/catalog.ts";
import { IngestMeter } from "./broadcast-stats.ts";
import type { LiveBroadcast } from "./live-broadcast.ts";

/** What the statistics are gathered from. */
export interface LiveStatisticsParts {
  readonly registry: BroadcastRegistry;
  /** A broadcast by its id. */
  readonly carried: (id: string) => LiveBroadcast | undefined;
  readonly hub: LiveHub;
  readonly frames: FrameHub;
  readonly book: ViewerBook;
  readonly catalog: Catalog;
  readonly events: EventLog;
  readonly floor: DiskFloor;
  readonly maxBroadcasts: number;
  /** Told of what cannot be kept. */
  readonly report: (event: string, details: Record<string, unknown>) => void;
}

/** Nobody needs figures that are newer than this. */
const FRESH_MS = 500;
/** What a recording keeps of its audience. */
const AUDIENCE_NAME = "audience.json";

/** How everything goes, gathered from all stages when somebody asks. */
export class LiveStatistics implements Figures, AsyncDisposable {
  readonly #parts: LiveStatisticsParts;
  readonly #meters = new WeakMap<Broadcast, { readonly ingest: IngestMeter; readonly bytesBefore: number }>();
  readonly #process = new ProcessMeter();
  readonly #sampler: Sampler;
  #looked: BroadcastStats[] = [];
  #lookedMs = Number.NEGATIVE_INFINITY;

  constructor(parts: LiveStatisticsParts) {
    this.#parts = parts;
    this.#sampler = new Sampler({
      look: () => this.broadcasts(),
      emit: (event) => parts.events.emit(event),
      keep: (broadcast, samples) => this.#keep(broadcast, samples),
    });
  }

  /** One for each broadcast that is live, oldest first; as it was a moment ago, however many ask. */
  broadcasts(): BroadcastStats[] {
    if (monotonicMs() - this.#lookedMs > FRESH_MS) {
      this.#looked = this.#parts.registry.live.flatMap((broadcast) => this.#statsOf(broadcast) ?? []);
      this.#lookedMs = monotonicMs();
    }
    return this.#looked;
  }

  /** Everybody who watches a broadcast and can be told from others. */
  viewers(id: string): ViewerStats[] {
    const broadcast = this.#parts.registry.live.find((each) => each.id === id);
    return broadcast === undefined ? [] : this.#viewersOf(broadcast);
  }

  async server(): Promise<ServerStats> {
    const { registry, maxBroadcasts, floor } = this.#parts;
    const viewers = this.broadcasts().reduce((sum, { audience }) => sum + audience.viewers, 0);
    const { freeBytes: freeDiskBytes } = await floor.look();
    return { ...this.#process.measure(), freeDiskBytes, broadcasts: registry.live.length, maxBroadcasts, viewers };
  }

  async history(id: string): Promise<readonly AudienceSample[]> {
    const recent = this.#sampler.history(id);
    if (recent.length > 0) return recent;
    const entry = await this.#parts.catalog.find(id);
    if (entry === undefined) return [];
    const text = await readFile(join(entry.folder, AUDIENCE_NAME), "utf8").catch(() => `{"items":[]}`);
    return audienceHistory.parse(JSON.parse(text)).items;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#process[Symbol.dispose]();
    await this.#sampler[Symbol.asyncDispose]();
  }

  /** Of a broadcast that is not recorded there is nothing to keep. */
  async #keep(id: string, items: readonly AudienceSample[]): Promise<void> {
    const { catalog, report } = this.#parts;
    try {
      const entry = await catalog.find(id);
      if (entry !== undefined) await writeWhole(join(entry.folder, AUDIENCE_NAME), JSON.stringify({ items }));
    } catch (error) {
      report("the audience of a recording could not be kept", { broadcast: id, err: error });
    }
  }

  #statsOf(broadcast: Broadcast): BroadcastStats | undefined {
    const { hub, frames, book } = this.#parts;
    const { id, channel, startedMs } = broadcast;
    const carried = this.#parts.carried(id);
    if (carried === undefined) return undefined;
    const { ingest, bytesBefore } = this.#meterOf(broadcast);
    const images = frames.statsOf(channel);
    return {
      channel,
      broadcast: id,
      startedAt: new Date(startedMs).toISOString(),
      audience: audienceOf(this.#viewersOf(broadcast), images.viewers),
      ingest: ingest.measure(),
      encoder: carried.encoder,
      bytesOut: hub.bytesOf(id) + Math.max(0, book.bytesOn(channel) - bytesBefore),
      socket: socketStats(hub.viewersOf(id)),
      frames: images,
    };
  }

  #viewersOf({ id, channel }: Broadcast): ViewerStats[] {
    return [...socketViewers(this.#parts.hub.viewersOf(id)), ...this.#parts.book.on(channel)];
  }

  #meterOf(broadcast: Broadcast): { readonly ingest: IngestMeter; readonly bytesBefore: number } {
    const known = this.#meters.get(broadcast);
    if (known !== undefined) return known;
    const meter = { ingest: new IngestMeter(broadcast), bytesBefore: this.#parts.book.bytesOn(broadcast.channel) };
    this.#meters.set(broadcast, meter);
    return meter;
  }
}

function audienceOf(viewers: readonly ViewerStats[], images: number): Audience {
  const counted = (of: (viewer: ViewerStats) => string | null) => {
    const counts: Record<string, number> = {};
    for (const name of viewers.map(of)) if (name !== null) counts[name] = (counts[name] ?? 0) + 1;
    return counts;
  };
  const deliveries = counted(({ delivery }) => delivery);
  return {
    viewers: viewers.length + images,
    deliveries: images === 0 ? deliveries : { ...deliveries, frames: images },
    renditions: counted(({ rendition }) => rendition),
    delayMs: summarize(viewers.map(({ delayMs }) => delayMs)),
    bufferMs: summarize(viewers.map(({ bufferMs }) => bufferMs)),
    kbps: summarize(viewers.map(({ kbps }) => kbps)),
    joinMs: summarize(viewers.map(({ joinMs }) => joinMs)),
    stalls: viewers.reduce((sum, { stalls }) => sum + stalls, 0),
  };
}

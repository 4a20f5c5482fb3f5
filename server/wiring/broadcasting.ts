import type { AnalysisSettings } from "../analysis/analysis.ts";
import type { Broadcast } from "../broadcast/broadcast.ts";
import { BroadcastRegistry } from "../broadcast/registry.ts";
import type { Config } from "../config.ts";
import type { ControlPlane } from "../control/control-plane.ts";
import type { DiskFloor } from "../core/disk.ts";
import type { LiveStore } from "../packaging/live-store.ts";
import type { Past } from "../packaging/past.ts";
import type { PostListener } from "../packaging/post-listener.ts";
import type { LiveBroadcast as LiveBroadcastState } from "../protocol/api.ts";
import type { Catalog, CatalogEntry } from "../recordings/catalog.ts";
import type { Recorder } from "../recordings/recorder.ts";
import type { EncodingSettings } from "../transcode/encoding.ts";
import type { ChannelWishes } from "./channel-wishes.ts";
import type { ChatRooms } from "./chat-rooms.ts";
import { LeftBroadcasts } from "./left-broadcasts.ts";
import { type BroadcastLogger, LiveBroadcast } from "./live-broadcast.ts";
import { showFrames } from "./live-frames.ts";
import { recorded, unrecorded } from "./log-places.ts";
import { PublishingRules } from "./publishing-rules.ts";
import type { Viewing } from "./viewing.ts";

/** What broadcasts are carried with. */
export interface BroadcastingParts {
  readonly config: Config;
  readonly ffmpeg: Pick<EncodingSettings, "binary" | "encoder">;
  /** Undefined: nobody looks for anything in them. */
  readonly analysis: AnalysisSettings | undefined;
  readonly wishes: ChannelWishes;
  readonly control: Pick<ControlPlane, "events" | "publishRule">;
  readonly catalog: Catalog;
  readonly recorder: Recorder;
  /** Where the logs of broadcasts lie that are not kept. */
  readonly unrecordedDir: string;
  readonly floor: DiskFloor;
  readonly viewing: Pick<Viewing, "store" | "frames">;
  readonly listener: PostListener;
  /** Undefined: there is no chat. */
  readonly chat: ChatRooms | undefined;
  readonly loggerOf: (broadcast: { readonly channel: string; readonly broadcast: string }) => BroadcastLogger;
  /** Told of what goes wrong. */
  readonly report: (event: string, details: Record<string, unknown>) => void;
}

/** When the server stops, encoders have this long to finish what has been published. */
const STOP_GRACE_MS = 4_000;

/**
 * All broadcasts: those that begin, those that an earlier life of the server left, and who may publish them. Dispose it
 * to end or suspend them; what they leave is complete then.
 */
export class Broadcasting implements AsyncDisposable {
  readonly registry: BroadcastRegistry;
  readonly publishing: PublishingRules;
  readonly #parts: BroadcastingParts;
  /** By the broadcast's id, until all that it leaves is complete. */
  readonly #carried = new Map<string, LiveBroadcast>();
  readonly #left: LeftBroadcasts;

  constructor(parts: BroadcastingParts) {
    this.#parts = parts;
    const { config, catalog, recorder, floor, control, wishes, report } = parts;
    const resumeMs = config.resumeSeconds * 1000;
    const kept = recorded(catalog, recorder);
    const unkept = unrecorded(parts.unrecordedDir);
    this.registry = new BroadcastRegistry({
      maxBroadcasts: config.maxBroadcasts,
      resumeMs,
      maxKbps: config.maxKbps,
      onBegin: (broadcast) => this.#begin(broadcast),
      place: (broadcast) => ((broadcast.isKept ?? config.record) ? kept : unkept)(broadcast),
    });
    const { registry } = this;
    const isKept = (channel: string) => wishes.isKept(channel);
    this.publishing = new PublishingRules({ registry, floor, rule: control.publishRule, isKept });
    this.#left = new LeftBroadcasts({
      registry,
      catalog,
      recorder,
      resumeMs,
      floor,
      begin: (broadcast, past) => this.#begin(broadcast, past),
      finish: (broadcast, past) => this.#carry(broadcast, past),
      report,
    });
  }

  /** Goes on with what an earlier life left, oldest first; resolves when publishers may come. */
  goOn(entries: readonly CatalogEntry[]): Promise<void> {
    return this.#left.goOn(entries);
  }

  /** A broadcast by its id, until all that it leaves is complete. */
  carried(id: string): LiveBroadcast | undefined {
    return this.#carried.get(id);
  }

  /** What the API tells of those that are live, oldest first. */
  get states(): LiveBroadcastState[] {
    return this.registry.live.flatMap(({ id }) => this.#carried.get(id)?.state ?? []);
  }

  /** What the API tells of the one that is live on a channel. */
  stateOn(channel: string): LiveBroadcastState | undefined {
    return this.#carried.get(this.registry.on(channel)?.id ?? "")?.state;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const leftStopped = this.#left.stop();
    await this.registry[Symbol.asyncDispose]();
    const carriedStopped = [...this.#carried.values()].map((broadcast) => broadcast.stop(STOP_GRACE_MS));
    await Promise.all([...carriedStopped, leftStopped]);
  }

  #begin(broadcast: Broadcast, past?: Past): LiveBroadcast {
    const { viewing, chat, report } = this.#parts;
    void showFrames(broadcast, viewing.frames).catch((err: unknown) => report("images cannot be shown", { err }));
    chat?.follow(broadcast);
    return this.#carry(broadcast, past, viewing.store);
  }

  /** Without `store`, which is where viewers find it, only its recording is finished. */
  #carry(broadcast: Broadcast, past?: Past, store?: LiveStore): LiveBroadcast {
    const { config, ffmpeg, analysis, wishes, control, catalog, recorder, listener, loggerOf } = this.#parts;
    const { id, channel } = broadcast;
    const folder = catalog.folderOf(broadcast);
    const carried = new LiveBroadcast(broadcast, {
      store,
      listener,
      encoding: { ...config, ...ffmpeg, ...wishes.encoding(channel, this.publishing.grantOf(id)) },
      // Nobody watches what only its recording is finished of.
      analysis: store === undefined ? undefined : analysis,
      partSeconds: config.partSeconds,
      windowSeconds: config.windowSeconds,
      recording: broadcast.isRecorded ? { recorder, folder, leave: () => this.#left.later(id) } : undefined,
      logger: loggerOf({ channel, broadcast: id }),
      tell: (happened) => control.events.emit({ ...happened, channel, broadcast: id }),
      past,
    });
    this.#carried.set(id, carried);
    void carried.done.then(() => this.#carried.delete(id));
    return carried;
  }
}

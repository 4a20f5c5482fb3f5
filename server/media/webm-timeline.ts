import type { ContainerEvent, MediaTrack } from "./container.ts";
import { clusterPreamble } from "./webm-block.ts";
import type { WebmTracks } from "./webm-header.ts";

/** One block where it stands in the stream. */
export interface PlacedBlock {
  /** Of the SimpleBlock or BlockGroup that holds it. */
  readonly offset: number;
  readonly track: number;
  readonly relativeTime: number;
  readonly key: boolean;
  readonly cluster: { readonly offset: number; readonly timestamp: number };
  /** No block came before it in its cluster. */
  readonly firstOfCluster: boolean;
}

/** Seconds of a cluster without video after which one more resync point is worth having. */
const AUDIO_RESYNC_SECONDS = 2;

/** Turns the blocks of one epoch into events. */
export class WebmTimeline {
  readonly #kinds: ReadonlyMap<number, "video" | "audio">;
  readonly #numbers: ReadonlySet<number>;
  /** Resync points are key frames of this track; without one they are where clusters begin. */
  readonly #video: MediaTrack | undefined;
  readonly #secondsPerTick: number;
  #lastResync = Number.NEGATIVE_INFINITY;

  /** `timestampScale` in nanoseconds per tick. */
  constructor({ tracks, numbers }: WebmTracks, timestampScale: number) {
    this.#kinds = new Map(tracks.map(({ id, kind }) => [id, kind]));
    this.#numbers = numbers;
    this.#video = tracks.find(({ kind }) => kind === "video");
    this.#secondsPerTick = timestampScale / 1e9;
  }

  /** Whether the Tracks element names this track, be it video, audio or anything else. */
  has(track: number): boolean {
    return this.#numbers.has(track);
  }

  add(block: PlacedBlock, events: ContainerEvent[]): void {
    const kind = this.#kinds.get(block.track);
    if (kind === undefined) return;
    const time = (block.cluster.timestamp + block.relativeTime) * this.#secondsPerTick;
    if (this.#isResync(block, time)) {
      this.#lastResync = time;
      events.push(resyncAt(block, time));
    }
    events.push({ type: "frame", track: block.track, kind, time, key: block.key });
  }

  #isResync({ track, key, firstOfCluster }: PlacedBlock, time: number): boolean {
    if (this.#video !== undefined) return key && track === this.#video.id;
    return firstOfCluster || time >= this.#lastResync + AUDIO_RESYNC_SECONDS;
  }
}

function resyncAt({ offset, cluster, firstOfCluster }: PlacedBlock, time: number): ContainerEvent {
  if (firstOfCluster) return { type: "resync", offset: cluster.offset, time };
  return { type: "resync", offset, time, preamble: clusterPreamble(cluster.timestamp) };
}

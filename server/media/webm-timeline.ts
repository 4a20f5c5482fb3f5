import type { ContainerEvent, MediaTrack } from "./container.ts";
import { type BlockHeader, clusterPreamble } from "./webm-block.ts";
import type { WebmTracks } from "./webm-header.ts";

/** Where a block stands in the stream. */
export interface BlockPlace {
  /** Of the SimpleBlock or BlockGroup that holds it. */
  readonly offset: number;
  /** `timestamp` in ticks; `end` as an offset, where it is known. */
  readonly cluster: { readonly offset: number; readonly end: number | undefined; readonly timestamp: number };
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

  add(block: BlockHeader, place: BlockPlace, events: ContainerEvent[]): void {
    const { track, key } = block;
    const kind = this.#kinds.get(track);
    if (kind === undefined) return;
    const time = (place.cluster.timestamp + block.relativeTime) * this.#secondsPerTick;
    if (this.#isResync(block, place, time)) {
      this.#lastResync = time;
      events.push(resyncAt(place, time));
    }
    events.push({ type: "frame", track, kind, time, key });
  }

  #isResync({ track, key }: BlockHeader, { firstOfCluster }: BlockPlace, time: number): boolean {
    if (this.#video !== undefined) return key && track === this.#video.id;
    return firstOfCluster || time >= this.#lastResync + AUDIO_RESYNC_SECONDS;
  }
}

function resyncAt({ offset, cluster, firstOfCluster }: BlockPlace, time: number): ContainerEvent {
  if (firstOfCluster) return { type: "resync", offset: cluster.offset, time };
  const blockBytes = cluster.end === undefined ? undefined : cluster.end - offset;
  return { type: "resync", offset, time, preamble: clusterPreamble(cluster.timestamp, blockBytes) };
}

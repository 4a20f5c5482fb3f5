import type { LiveEntry, LiveStore } from "../../packaging/live-store.ts";
import { LIVE_CLOSE } from "../../protocol/live.ts";
import { Feed, type FeedOptions } from "./feed.ts";
import type { ByteMeter, Viewer } from "./viewer.ts";

/** A viewer who is here, and how it is to be treated. */
export interface Visit {
  readonly viewer: Viewer;
  readonly channel: string;
  /** Where it wants to begin; undefined leaves it to the setting. */
  readonly join: "newest" | "next" | undefined;
  /** It stays while nothing is live. */
  readonly waits: boolean;
}

/** All viewers of the live socket: brings each to its channel's broadcast, one broadcast after the other. */
export class LiveHub implements Disposable {
  readonly #store: LiveStore;
  readonly #options: FeedOptions;
  readonly #visits = new Map<Viewer, Visit>();
  readonly #feeds = new Map<LiveEntry, Feed>();
  readonly #places = new Map<Viewer, Feed>();
  /** Forgotten with their broadcasts. */
  readonly #meters = new WeakMap<LiveEntry, ByteMeter>();
  readonly #watching: Disposable;
  readonly #want: (channel: string) => boolean;

  /** `want` is told of who comes to a channel that is not live; it says whether it is coming. */
  constructor(store: LiveStore, options: FeedOptions, want: (channel: string) => boolean = () => false) {
    this.#store = store;
    this.#want = want;
    this.#options = options;
    this.#watching = store.watch((entry) => this.#seatWaiting(entry));
  }

  /** How many viewers there are. */
  get size(): number {
    return this.#visits.size;
  }

  /** Whether somebody watches a channel or waits for it. */
  isWatched(channel: string): boolean {
    for (const visit of this.#visits.values()) if (visit.channel === channel) return true;
    return false;
  }

  /** The viewers of a broadcast. */
  viewersOf(broadcast: string): readonly Viewer[] {
    const entry = this.#store.broadcast(broadcast);
    return (entry && this.#feeds.get(entry)?.viewers) ?? [];
  }

  /** Bytes of media that all viewers of a broadcast were sent so far. */
  bytesOf(broadcast: string): number {
    const entry = this.#store.broadcast(broadcast);
    return (entry && this.#meters.get(entry)?.bytes) ?? 0;
  }

  enter(visit: Visit): void {
    this.#visits.set(visit.viewer, visit);
    this.#place(visit, visit.join);
  }

  leave(viewer: Viewer): void {
    this.#visits.delete(viewer);
    const feed = this.#places.get(viewer);
    this.#places.delete(viewer);
    feed?.remove(viewer);
    if (feed !== undefined && feed.viewers.length === 0) this.#close(feed);
  }

  /** The viewer wants another picture, or none. */
  choose(viewer: Viewer, video: string | null): void {
    const feed = this.#places.get(viewer);
    if (feed === undefined) viewer.wanted = video;
    else feed.choose(viewer, video);
  }

  /** The viewer wants nothing for a while. */
  pause(viewer: Viewer): void {
    const feed = this.#places.get(viewer);
    if (feed === undefined) viewer.paused = true;
    else feed.pause(viewer);
  }

  /** It goes on, at the newest key frame. */
  resume(viewer: Viewer): void {
    const feed = this.#places.get(viewer);
    if (feed === undefined) viewer.paused = false;
    else feed.resume(viewer);
  }

  [Symbol.dispose](): void {
    this.#watching[Symbol.dispose]();
    for (const feed of this.#feeds.values()) feed[Symbol.dispose]();
    this.#feeds.clear();
    this.#places.clear();
    this.#visits.clear();
  }

  #seatWaiting(entry: LiveEntry): void {
    for (const visit of this.#visits.values()) {
      if (visit.channel === entry.channel && !this.#places.has(visit.viewer)) this.#place(visit, "newest");
    }
  }

  #place(visit: Visit, join: Visit["join"]): void {
    const { viewer, channel, waits } = visit;
    const entry = this.#store.onChannel(channel);
    if (entry !== undefined && !entry.presentation.ended) {
      const feed = this.#feeds.get(entry) ?? this.#open(entry);
      this.#places.set(viewer, feed);
      viewer.meter = this.#meterOf(entry);
      return feed.add(viewer, join);
    }
    if (this.#want(channel)) return viewer.tell({ type: "waiting", reason: "starting" });
    if (waits) return viewer.tell({ type: "waiting", reason: "offline" });
    viewer.close(LIVE_CLOSE.notLive, `the channel ${channel} is not live`);
  }

  #meterOf(entry: LiveEntry): ByteMeter {
    const known = this.#meters.get(entry);
    if (known !== undefined) return known;
    const meter = { bytes: 0 };
    this.#meters.set(entry, meter);
    return meter;
  }

  #open(entry: LiveEntry): Feed {
    const feed = new Feed(entry, this.#options, (viewers) => {
      this.#feeds.delete(entry);
      for (const viewer of viewers) this.#sendOn(viewer);
    });
    this.#feeds.set(entry, feed);
    return feed;
  }

  #close(feed: Feed): void {
    for (const [entry, each] of this.#feeds) if (each === feed) this.#feeds.delete(entry);
    feed[Symbol.dispose]();
  }

  /** Its broadcast is over. */
  #sendOn(viewer: Viewer): void {
    this.#places.delete(viewer);
    const visit = this.#visits.get(viewer);
    if (visit !== undefined && (visit.waits || this.#want(visit.channel))) this.#place(visit, "newest");
    else viewer.close(LIVE_CLOSE.ended, "the broadcast is over");
  }
}

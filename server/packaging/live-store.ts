import type { GrowingRecording } from "./growing.ts";
import type { Presentation } from "./presentation.ts";
import type { Previews } from "./previews.ts";

/** A broadcast that viewers can ask for. */
export interface LiveEntry {
  readonly broadcast: string;
  readonly channel: string;
  readonly presentation: Presentation;
  /** Undefined when no preview images are made. */
  readonly previews?: Previews | undefined;
  /** Undefined when it is not recorded. */
  readonly growing?: GrowingRecording | undefined;
}

/**
 * The presentations that can be watched: those that are live, and for the length of their window those that have ended.
 * A new broadcast takes its channel's addresses over at once; the addresses of the old one's media go on.
 */
export class LiveStore implements Disposable {
  readonly #byBroadcast = new Map<string, LiveEntry>();
  readonly #byChannel = new Map<string, LiveEntry>();
  readonly #expiries = new Map<string, NodeJS.Timeout>();
  readonly #watchers = new Set<(entry: LiveEntry) => void>();

  /** How many broadcasts are kept. */
  get size(): number {
    return this.#byBroadcast.size;
  }

  add(entry: LiveEntry): void {
    this.#byBroadcast.set(entry.broadcast, entry);
    this.#byChannel.set(entry.channel, entry);
    for (const watcher of this.#watchers) watcher(entry);
  }

  /** Tells `watcher` of every broadcast that is added, until what is returned is disposed. */
  watch(watcher: (entry: LiveEntry) => void): Disposable {
    this.#watchers.add(watcher);
    return { [Symbol.dispose]: () => void this.#watchers.delete(watcher) };
  }

  /** The newest broadcast of a channel. */
  onChannel(channel: string): LiveEntry | undefined {
    return this.#byChannel.get(channel);
  }

  broadcast(id: string): LiveEntry | undefined {
    return this.#byBroadcast.get(id);
  }

  /** Forgets an ended broadcast after the length of its window. */
  expire(entry: LiveEntry): void {
    const timer = setTimeout(() => this.#remove(entry), entry.presentation.windowSeconds * 1000);
    this.#expiries.set(entry.broadcast, timer);
  }

  [Symbol.dispose](): void {
    for (const timer of this.#expiries.values()) clearTimeout(timer);
    this.#expiries.clear();
  }

  #remove(entry: LiveEntry): void {
    this.#expiries.delete(entry.broadcast);
    this.#byBroadcast.delete(entry.broadcast);
    if (this.#byChannel.get(entry.channel) === entry) this.#byChannel.delete(entry.channel);
  }
}

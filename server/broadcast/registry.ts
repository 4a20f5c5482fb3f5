import { v7 as uuidv7 } from "uuid";
import { LiveError, messageOf } from "../core/errors.ts";
import type { ContainerKind, ContainerScanner } from "../media/container.ts";
import { Broadcast } from "./broadcast.ts";
import { BroadcastLog } from "./log/broadcast-log.ts";
import { IndexFile } from "./log/index-file.ts";
import type { LogStore } from "./log/log-store.ts";
import { Publication } from "./publication.ts";

/** Where the bytes of a new broadcast go. */
export interface LogPlace {
  readonly store: LogStore;
  /** Path of the index beside it; undefined when nothing is recorded. */
  readonly indexPath: string | undefined;
}

/** What the registry needs of the rest of the server. */
export interface RegistryOptions {
  readonly maxBroadcasts: number;
  /** Makes room for a new broadcast's log. */
  readonly place: (broadcast: { id: string; channel: string; kind: ContainerKind }) => Promise<LogPlace>;
  /** Called once for each broadcast, when its first epoch is known. */
  readonly onBegin: (broadcast: Broadcast) => void;
}

/** All publications and broadcasts that are live now: one publisher per channel at a time. */
export class BroadcastRegistry implements AsyncDisposable {
  readonly #options: RegistryOptions;
  readonly #publications = new Map<string, Publication>();
  readonly #live = new Map<string, Broadcast>();
  #closing: Promise<void> | undefined;

  constructor(options: RegistryOptions) {
    this.#options = options;
  }

  /** Broadcasts that are live now, oldest first. */
  get live(): Broadcast[] {
    return [...this.#live.values()];
  }

  /** The broadcast on `channel` now. */
  on(channel: string): Broadcast | undefined {
    return this.#live.get(channel);
  }

  /** Rejects with what {@link publish} would throw; waits for a publisher that is on its way out. */
  async check(channel: string): Promise<void> {
    const current = this.#publications.get(channel);
    if (current?.isLeaving === true) await current.gone;
    this.#check(channel);
  }

  /** Takes the channel for one publisher. Throws `channel_busy` when it is taken, `no_room` when all places are. */
  publish(channel: string): Publication {
    this.#check(channel);
    const publication: Publication = new Publication(
      (kind, scanner) => this.#create(channel, kind, scanner),
      () => {
        if (this.#publications.get(channel) === publication) this.#publications.delete(channel);
      },
    );
    this.#publications.set(channel, publication);
    return publication;
  }

  /** Refuses new publishers and ends every broadcast; resolves when all archives are complete. */
  [Symbol.asyncDispose](): Promise<void> {
    const publications = [...this.#publications.values()];
    this.#closing ??= Promise.all(publications.map((each) => each.stop("the server is stopping"))).then(() => {});
    return this.#closing;
  }

  #check(channel: string): void {
    if (this.#closing !== undefined) throw new LiveError("no_room", "the server is stopping");
    if (this.#publications.has(channel)) throw new LiveError("channel_busy", `the channel ${channel} is already live`);
    if (this.#publications.size >= this.#options.maxBroadcasts) {
      throw new LiveError("no_room", `this server takes ${this.#options.maxBroadcasts} broadcasts at a time`);
    }
  }

  async #create(channel: string, kind: ContainerKind, scanner: ContainerScanner): Promise<Broadcast> {
    const id = uuidv7();
    const { store, index } = await this.#open({ id, channel, kind });
    const broadcast = new Broadcast({ id, channel, scanner, index, log: new BroadcastLog(store) });
    this.#live.set(channel, broadcast);
    void broadcast.ended.then(() => {
      if (this.#live.get(channel) === broadcast) this.#live.delete(channel);
    });
    this.#options.onBegin(broadcast);
    return broadcast;
  }

  /** Opens the files of a new broadcast, all or none. */
  async #open(broadcast: Parameters<RegistryOptions["place"]>[0]): Promise<{ store: LogStore; index?: IndexFile }> {
    try {
      const { store, indexPath } = await this.#options.place(broadcast);
      if (indexPath === undefined) return { store };
      try {
        return { store, index: await IndexFile.create(indexPath) };
      } catch (error) {
        await store[Symbol.asyncDispose]();
        throw error;
      }
    } catch (error) {
      throw new LiveError("no_room", `the archive cannot be created: ${messageOf(error)}`, { cause: error });
    }
  }
}

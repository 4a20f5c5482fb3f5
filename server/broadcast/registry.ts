import { v7 as uuidv7 } from "uuid";
import { diskTrouble } from "../core/disk.ts";
import { LiveError } from "../core/errors.ts";
import type { Secret } from "../core/secret.ts";
import { hashOfToken, newToken } from "../core/token.ts";
import { Turns } from "../core/turns.ts";
import type { ContainerKind, ContainerScanner } from "../media/container.ts";
import type { Attachment } from "./attachment.ts";
import { Broadcast } from "./broadcast.ts";
import { BroadcastLog } from "./log/broadcast-log.ts";
import { IndexFile } from "./log/index-file.ts";
import type { LogStore } from "./log/log-store.ts";
import { Publication } from "./publication.ts";
import { type LeftBroadcast, reopenBroadcast } from "./reopen.ts";
import { nothingToResume, ResumablePublication } from "./resumable.ts";

/** Where the bytes of a new broadcast go. */
interface LogPlace {
  readonly store: LogStore;
  /** Path of the index beside it; undefined when nothing is recorded. */
  readonly indexPath: string | undefined;
}

/** A broadcast whose log is to be made. */
export interface NewBroadcast {
  readonly id: string;
  readonly channel: string;
  readonly kind: ContainerKind;
  /** SHA-256 of the token that lets its publisher go on with it; undefined when it cannot be gone on with. */
  readonly tokenHash: string | undefined;
  /** Whether it is kept after its end; undefined leaves that to the settings. */
  readonly isKept?: boolean | undefined;
}

/** What sets one publisher apart from another. */
export interface PublishOptions {
  /** Reads its bytes; without one their container is told by the first of them. */
  readonly scanner?: ContainerScanner | undefined;
  /** Whether its broadcast is kept after the end; undefined leaves that to the settings. */
  readonly isKept?: boolean | undefined;
}

/** A resumable broadcast that an earlier life of the server left, and how much longer it waits for its publisher. */
export interface LeftResumable extends LeftBroadcast {
  readonly tokenHash: string;
  readonly remainingMs: number;
}

/** What the registry needs of the rest of the server. */
export interface RegistryOptions {
  readonly maxBroadcasts: number;
  /** How long a resumable broadcast waits for a publisher that lost its connection. */
  readonly resumeMs: number;
  /** How fast the bytes of a broadcast are taken, in kbit/s. */
  readonly maxKbps: number;
  /** Makes room for a new broadcast's log. */
  readonly place: (broadcast: NewBroadcast) => Promise<LogPlace>;
  /** Called once for each broadcast, when its first epoch is known. */
  readonly onBegin: (broadcast: Broadcast) => void;
}

/** All publications and broadcasts that are live now: one publisher per channel at a time. */
export class BroadcastRegistry implements AsyncDisposable {
  readonly #options: RegistryOptions;
  readonly #publications = new Map<string, Publication>();
  /** By the broadcast's id; an ended one stays for a while, for a publisher that did not hear so. */
  readonly #resumables = new Map<string, ResumablePublication>();
  readonly #live = new Map<string, Broadcast>();
  readonly #syncs = new Turns();
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
  publish(channel: string, options: PublishOptions = {}): Publication {
    this.#check(channel);
    return this.#take(channel, uuidv7(), options);
  }

  /** The same for a publisher that may lose its connection and come back with the token of the attachment. */
  async begin(channel: string, { isKept }: Pick<PublishOptions, "isKept"> = {}): Promise<Attachment> {
    this.#refuseWhileClosing();
    await this.check(channel);
    // Others may have come in the meantime.
    this.#check(channel);
    const token = newToken();
    const tokenHash = hashOfToken(token);
    return this.#hold(this.#take(channel, uuidv7(), { tokenHash, isKept }), channel, tokenHash).attach(token);
  }

  /**
   * Lets a publisher go on with its broadcast. Rejects with `not_found` when there is none on this channel, when the
   * token is another one, and when it is over.
   */
  async resume(channel: string, id: string, token: Secret): Promise<Attachment> {
    this.#refuseWhileClosing();
    const found = this.#resumables.get(id);
    if (found?.channel !== channel || !found.knows(token)) throw nothingToResume();
    return found.attach(token);
  }

  /**
   * Goes on with what an earlier life left, before any publisher is let in: holds it open, or finishes it. `onBegin` is
   * called in the place of the usual one.
   */
  async reopen(left: LeftResumable, onBegin = this.#options.onBegin): Promise<void> {
    if (this.#publications.has(left.channel)) throw busy(left.channel);
    const { broadcast, hadEnded } = await reopenBroadcast(left, this.#syncs);
    const publication: Publication = Publication.of(broadcast, {
      maxKbps: this.#options.maxKbps,
      release: () => this.#release(left.channel, publication),
    });
    this.#publications.set(left.channel, publication);
    const resumable = this.#hold(publication, left.channel, left.tokenHash);
    this.#add(broadcast, onBegin);
    if (hadEnded) await resumable.finish();
    else resumable.holdOpen(left.remainingMs, "The server was started again");
  }

  /** The operator ends a broadcast; returns false when there is none with this id. */
  async stop(id: string, why: string): Promise<boolean> {
    const resumable = this.#resumables.get(id);
    const publication = [...this.#publications.values()].find((each) => each.id === id);
    await (resumable ?? publication)?.stop(new LiveError("forbidden", why));
    return publication !== undefined;
  }

  /** Refuses new publishers, suspends what can be resumed and ends the rest; resolves when all archives are complete. */
  [Symbol.asyncDispose](): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    const resumables = [...this.#resumables.values()];
    const held = new Set(resumables.map(({ publication }) => publication));
    const plain = [...this.#publications.values()].filter((publication) => !held.has(publication));
    await Promise.all([
      ...resumables.map((each) => each.suspend()),
      ...plain.map((each) => each.stop(new LiveError("restarting", "the server is stopping"))),
    ]);
  }

  #check(channel: string): void {
    if (this.#closing !== undefined) throw new LiveError("no_room", "the server is stopping");
    if (this.#publications.has(channel)) throw busy(channel);
    if (this.#publications.size >= this.#options.maxBroadcasts) {
      throw new LiveError("no_room", `this server takes ${this.#options.maxBroadcasts} broadcasts at a time`);
    }
  }

  /** Unlike others, a resumable publisher is told to come back. */
  #refuseWhileClosing(): void {
    if (this.#closing !== undefined) throw new LiveError("restarting", "the server is restarting");
  }

  #take(
    channel: string,
    id: string,
    { tokenHash, scanner: own, isKept }: PublishOptions & { readonly tokenHash?: string },
  ): Publication {
    const publication: Publication = new Publication({
      id,
      scanner: own,
      create: (kind, scanner) => this.#create({ id, channel, kind, tokenHash, isKept }, scanner),
      maxKbps: this.#options.maxKbps,
      release: () => this.#release(channel, publication),
    });
    this.#publications.set(channel, publication);
    return publication;
  }

  #release(channel: string, publication: Publication): void {
    if (this.#publications.get(channel) === publication) this.#publications.delete(channel);
  }

  #hold(publication: Publication, channel: string, tokenHash: string): ResumablePublication {
    const { id } = publication;
    const { resumeMs } = this.#options;
    const forget = () => void this.#resumables.delete(id);
    const resumable = new ResumablePublication({ channel, publication, tokenHash, resumeMs, forget });
    this.#resumables.set(id, resumable);
    return resumable;
  }

  async #create(place: NewBroadcast, scanner: ContainerScanner): Promise<Broadcast> {
    const { store, index } = await this.#open(place);
    const log = new BroadcastLog(store, { syncs: this.#syncs });
    const { id, channel } = place;
    const broadcast = new Broadcast({ id, channel, scanner, index, log });
    this.#add(broadcast);
    return broadcast;
  }

  #add(broadcast: Broadcast, onBegin = this.#options.onBegin): void {
    const { channel } = broadcast;
    this.#live.set(channel, broadcast);
    void broadcast.ended.then(() => {
      if (this.#live.get(channel) === broadcast) this.#live.delete(channel);
    });
    onBegin(broadcast);
  }

  /** Opens the files of a new broadcast, all or none. */
  async #open(broadcast: NewBroadcast): Promise<{ store: LogStore; index: IndexFile | undefined }> {
    try {
      const { store, indexPath } = await this.#options.place(broadcast);
      if (indexPath === undefined) return { store, index: undefined };
      try {
        return { store, index: await IndexFile.create(indexPath, this.#syncs) };
      } catch (error) {
        await store[Symbol.asyncDispose]();
        throw error;
      }
    } catch (error) {
      throw new LiveError("no_room", `the archive cannot be created: ${diskTrouble(error)}`, { cause: error });
    }
  }
}

function busy(channel: string): LiveError {
  return new LiveError("channel_busy", `the channel ${channel} is already live`);
}

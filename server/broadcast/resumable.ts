import { monotonicMs } from "../core/clock.ts";
import { isLiveError, LiveError, messageOf } from "../core/errors.ts";
import type { Secret } from "../core/secret.ts";
import { isToken } from "../core/token.ts";
import { Attachment, type Hold } from "./attachment.ts";
import type { Broadcast, BroadcastEnd } from "./broadcast.ts";
import type { Publication } from "./publication.ts";

/** What a resumable publication is made with. */
export interface ResumableOptions {
  readonly channel: string;
  readonly publication: Publication;
  readonly tokenHash: string;
  /** How long it waits for a publisher that went without a word. */
  readonly resumeMs: number;
  /** Called when nobody can ask for it any more. */
  readonly forget: () => void;
}

/** With a full disk the publisher is waited for at least this long: room is made by people. */
const FULL_DISK_MS = 120_000;

/** How it ended, and when that is done. */
interface Ending {
  readonly reason: BroadcastEnd["reason"];
  readonly done: Promise<void>;
}

/**
 * A publication that outlives its connections: a publisher that shows the token goes on with it, whether its last
 * connection is known to be gone or not. One connection at a time; the newest wins.
 */
export class ResumablePublication implements Hold {
  readonly channel: string;
  readonly publication: Publication;
  readonly #options: ResumableOptions;
  #attachment: Attachment | undefined;
  /** The write under way; never rejects. */
  #writing: Promise<void> = Promise.resolve();
  #window: NodeJS.Timeout | undefined;
  #windowEndMs = 0;
  #ending: Ending | undefined;
  #memory: NodeJS.Timeout | undefined;

  constructor(options: ResumableOptions) {
    this.channel = options.channel;
    this.publication = options.publication;
    this.#options = options;
  }

  get id(): string {
    return this.publication.id;
  }

  get taken(): number {
    return this.publication.taken;
  }

  get kept(): number {
    return this.publication.broadcast?.log.written ?? 0;
  }

  get trouble(): LiveError | undefined {
    return this.publication.broadcast?.log.trouble;
  }

  /** Whether `token` is its own; takes the same time either way. */
  knows(token: Secret): boolean {
    return isToken(token, this.#options.tokenHash);
  }

  /**
   * Lets a connection that showed the token go on, in the place of any other. What that one has sent and the server has
   * taken counts; what was still on its way is sent again. Rejects with `not_found` when the broadcast is over, unless
   * its publisher ended it and may not have heard so; with `forbidden` when the operator did; with `no_room` when the
   * archive can still not be written: it is waited for anew then.
   */
  async attach(token: Secret): Promise<Attachment> {
    const attachment = new Attachment(this, token);
    if (this.#ending === undefined) {
      this.#attachment?.detach(takenOver());
      this.#attachment = attachment;
      clearTimeout(this.#window);
      await this.#writing;
    }
    if (this.#ending !== undefined) return this.#attachAfterEnd(this.#ending, attachment);
    this.#check(attachment);
    await this.#store(attachment);
    this.#check(attachment);
    this.publication.broadcast?.resume();
    return attachment;
  }

  /** Nobody is connected: waits `ms` for the publisher, then ends the broadcast. `why` is told to those who watch it. */
  holdOpen(ms: number, why: string): void {
    clearTimeout(this.#window);
    this.#windowEndMs = monotonicMs() + ms;
    this.#window = setTimeout(() => void this.#finish({ reason: "interrupted" }).catch(() => {}), ms);
    this.publication.broadcast?.interrupt(`${why}; the broadcast waits ${Math.round(ms / 1000)} s for its publisher.`);
  }

  async write(by: Attachment, bytes: Uint8Array): Promise<void> {
    this.#check(by);
    const writing = this.publication.write(bytes);
    this.#writing = writing.catch(() => {});
    try {
      await writing;
    } catch (error) {
      if (!canGoOn(this.publication.broadcast, error)) await this.#finish({ reason: "failed", error }).catch(() => {});
      throw error;
    }
  }

  room(gone: AbortSignal): Promise<void> {
    return this.publication.room(gone);
  }

  async restart(by: Attachment): Promise<void> {
    this.#check(by);
    const restarting = this.publication.restart();
    this.#writing = restarting.catch(() => {});
    await restarting;
  }

  end(by: Attachment): Promise<void> {
    return this.#ending === undefined ? this.#end(by) : this.#finish({ reason: "finished" });
  }

  leave(by: Attachment): void {
    if (this.#attachment !== by) return;
    this.#attachment = undefined;
    if (this.#ending !== undefined) return;
    // Of what never sent a byte there is nothing to go on with.
    const { trouble, publication } = this;
    if (publication.broadcast?.log.isBroken === true) {
      void this.#finish({ reason: "failed", error: trouble }).catch(() => {});
    } else if (this.taken === 0) void this.#finish({ reason: "disconnected" }).catch(() => {});
    else this.#awaitPublisher();
  }

  /** The operator ends it: its publisher is told not to come back. */
  async stop(why: LiveError): Promise<void> {
    this.#attachment?.detach(why);
    await this.#finish({ reason: "stopped" }).catch(() => {});
  }

  /** This process ends: what is recorded can be gone on with in the next, for as long as is left of its time. */
  async suspend(): Promise<void> {
    const { resumeMs } = this.#options;
    const remainingMs = this.#attachment === undefined ? Math.max(0, this.#windowEndMs - monotonicMs()) : resumeMs;
    this.#attachment?.detach(new LiveError("restarting", "the server is restarting"));
    await this.#writing;
    const canGoOn = resumeMs > 0 && this.publication.broadcast?.isRecorded === true;
    const end: BroadcastEnd = canGoOn ? { reason: "suspended", remainingMs } : { reason: "stopped" };
    await this.#finish(end).catch(() => {});
    this.#forget();
  }

  /** The publisher had ended it in an earlier life of the server, which did not come to finish it. */
  async finish(): Promise<void> {
    await this.#finish({ reason: "finished" });
  }

  /** Not over before all of it is stored: until then its publisher may come again and say so again. */
  async #end(by: Attachment): Promise<void> {
    this.#check(by);
    const { broadcast } = this.publication;
    if (broadcast !== undefined && !broadcast.log.isBroken) await broadcast.store();
    this.#check(by);
    await this.#finish({ reason: "finished" });
  }

  /** A publisher that was sent away since there was no room finds it here, or is sent away again. */
  async #store(attachment: Attachment): Promise<void> {
    const { broadcast } = this.publication;
    if (broadcast === undefined || broadcast.log.isBroken) return;
    try {
      await broadcast.store();
    } catch (error) {
      if (this.#attachment === attachment && this.#ending === undefined) {
        this.#attachment = undefined;
        this.#awaitPublisher(error);
      }
      throw error;
    }
  }

  #awaitPublisher(trouble: unknown = this.trouble): void {
    const { resumeMs } = this.#options;
    if (trouble === undefined || resumeMs === 0) {
      return this.holdOpen(resumeMs, "The connection to the publisher was lost");
    }
    this.holdOpen(Math.max(resumeMs, FULL_DISK_MS), `The publisher was sent away, since ${messageOf(trouble)}`);
  }

  #check(attachment: Attachment): void {
    if (this.#ending !== undefined) throw new LiveError("bad_request", "the broadcast has ended");
    if (this.#attachment !== attachment) throw takenOver();
  }

  async #attachAfterEnd({ reason, done }: Ending, attachment: Attachment): Promise<Attachment> {
    const isFinal = await done.then(
      () => true,
      () => false,
    );
    if (reason === "finished" && isFinal) return attachment;
    if (reason === "stopped") throw new LiveError("forbidden", "the broadcast was stopped");
    if (reason === "suspended") throw new LiveError("restarting", "the server is restarting");
    throw nothingToResume();
  }

  #finish(end: BroadcastEnd): Promise<void> {
    this.#ending ??= { reason: end.reason, done: this.#run(end) };
    return this.#ending.done;
  }

  async #run(end: BroadcastEnd): Promise<void> {
    clearTimeout(this.#window);
    try {
      await this.publication.finish(end);
    } finally {
      const isMissed = end.reason === "finished" || end.reason === "stopped";
      // Whoever lost the connection before the answer came asks again.
      if (isMissed) this.#memory = setTimeout(() => this.#forget(), this.#options.resumeMs).unref();
      else this.#forget();
    }
  }

  #forget(): void {
    clearTimeout(this.#memory);
    this.#options.forget();
  }
}

/** A second container that is none can be followed by a better one, and a full disk be emptied; all else is the end. */
function canGoOn(broadcast: Broadcast | undefined, error: unknown): boolean {
  if (broadcast === undefined) return false;
  return isLiveError(error, "bad_container") || (isLiveError(error, "no_room") && !broadcast.log.isBroken);
}

/** The answer to a wrong id, a wrong token and a broadcast that is over: they must not be told apart. */
export function nothingToResume(): LiveError {
  return new LiveError("not_found", "there is nothing to resume");
}

function takenOver(): LiveError {
  return new LiveError("channel_busy", "another connection of this publisher has taken over");
}

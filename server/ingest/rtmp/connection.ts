import type { Socket } from "node:net";
import { type ErrorCode, isLiveError, LiveError } from "../../core/errors.ts";
import { FlvWriter } from "../../media/flv-writer.ts";
import { IdleWatch } from "../idle-watch.ts";
import type { IngestOptions, Publication, PublicationEnd } from "../publishing.ts";
import { publishAddress } from "./address.ts";
import { type RtmpEvent, RtmpProtocol } from "./protocol.ts";

/** What a connection is served with. */
export interface RtmpConnectionOptions extends IngestOptions {
  /** Why this connection may not be used; undefined when it may. */
  readonly refusal: string | undefined;
  /** How long a client may take until it publishes. */
  readonly patienceMs?: number;
}

const PATIENCE_MS = 15_000;
/** Who does not close after the last word is cut off. */
const GOODBYE_MS = 2_000;
/** Answers are a few hundred bytes; a client that makes us write and does not read is cut off. */
const MAX_UNREAD_BYTES = 64 * 1024;

const STATUS: Partial<Record<ErrorCode, string>> = {
  bad_request: "NetStream.Publish.BadName",
  bad_key: "NetStream.Publish.BadName",
  channel_busy: "NetStream.Publish.BadName",
  too_many: "NetStream.Publish.Rejected",
  no_room: "NetStream.Publish.Rejected",
  not_found: "NetStream.Play.Failed",
};

/** One RTMP client: publishes once, at the pace of the archive, and is told in RTMP's words what became of it. */
export class RtmpConnection {
  /** Settles when the client is gone and what it sent is in the archive. Never rejects. */
  readonly done: Promise<void>;
  readonly #socket: Socket;
  readonly #options: RtmpConnectionOptions;
  readonly #protocol: RtmpProtocol;
  readonly #writer = new FlvWriter();
  readonly #late: NodeJS.Timeout;
  readonly #gone = new AbortController();
  #idle: IdleWatch | undefined;
  #publication: Publication | undefined;
  #isReading = true;
  #isOver = false;

  constructor(socket: Socket, options: RtmpConnectionOptions) {
    this.#socket = socket;
    this.#options = options;
    this.#protocol = new RtmpProtocol((bytes) => this.#send(bytes));
    const { patienceMs = PATIENCE_MS } = options;
    this.#late = setTimeout(() => socket.destroy(), patienceMs);
    socket.once("close", () => this.#gone.abort());
    // What reads from the socket hears of it, too.
    socket.on("error", () => {});
    this.done = this.#serve();
  }

  async #serve(): Promise<void> {
    const end = await this.#read();
    this.#isOver = true;
    clearTimeout(this.#late);
    this.#idle?.[Symbol.dispose]();
    const publication = this.#publication;
    publication?.leave();
    if (end.reason !== "failed") await this.#write(this.#writer.end()).catch(() => {});
    // What never became a broadcast is told as such by the refusal, or nobody is there to be told.
    await publication?.finish(end).catch(() => {});
    if (end.reason === "finished")
      this.#protocol.say("status", "NetStream.Unpublish.Success", "the broadcast has ended");
    this.#close();
  }

  /** Reads until there is nothing more to come. */
  async #read(): Promise<PublicationEnd> {
    try {
      // Not destroyed on return: the last word goes over the same connection.
      for await (const bytes of this.#socket.iterator({ destroyOnReturn: false })) {
        if (this.#isOver) break;
        this.#isReading = false;
        if (await this.#take(bytes)) return { reason: "finished" };
        this.#isReading = true;
      }
      return { reason: "disconnected" };
    } catch (error) {
      if (this.#isOver || !isLiveError(error)) return { reason: "disconnected" };
      this.#refuse(error);
      return { reason: "failed", error };
    }
  }

  /** Returns whether the client has said that it is done. */
  async #take(bytes: Buffer): Promise<boolean> {
    const pieces: Uint8Array[] = [];
    const events = this.#protocol.push(bytes);
    for (const event of events) {
      if (event.type === "media") pieces.push(...this.#writer.push(event.message));
      else await this.#answer(event);
    }
    await this.#write(pieces);
    // Pings and the like are no stream.
    if (events.some(({ type }) => type === "media")) this.#idle?.heard();
    return events.some(({ type }) => type === "unpublish");
  }

  async #answer(event: Exclude<RtmpEvent, { type: "media" }>): Promise<void> {
    if (event.type === "play") throw new LiveError("not_found", "nothing is played over RTMP here: watch by HTTP");
    if (event.type === "unpublish") return;
    const { publishing, refusal, idleMs } = this.#options;
    if (refusal !== undefined) throw new LiveError("too_many", refusal);
    const { channel, key } = publishAddress(event.app, event.name);
    const permit = await publishing.admit({ channel, key, address: this.#socket.remoteAddress });
    const publication = permit.publish();
    this.#publication = publication;
    clearTimeout(this.#late);
    const letGo = (why: unknown) => {
      this.#refuse(why);
      this.#close();
    };
    publication.stopped.addEventListener("abort", () => letGo(publication.stopped.reason), { once: true });
    this.#idle = new IdleWatch({
      limitMs: idleMs,
      isPaused: () => !this.#isReading,
      bytesRead: () => this.#socket.bytesRead,
      onIdle: letGo,
    });
    this.#protocol.say("status", "NetStream.Publish.Start", `${channel} is being published`);
  }

  async #write(pieces: readonly Uint8Array[]): Promise<void> {
    if (pieces.length === 0) return;
    await this.#publication?.write(Buffer.concat(pieces));
    await this.#publication?.room(this.#gone.signal);
  }

  #send(bytes: Uint8Array): void {
    if (this.#socket.writable) this.#socket.write(bytes);
    if (this.#socket.writableLength > MAX_UNREAD_BYTES) this.#socket.destroy();
  }

  #refuse(error: unknown): void {
    if (this.#isOver) return;
    if (!isLiveError(error))
      return this.#protocol.say("error", "NetStream.Failed", "something went wrong in the server");
    this.#protocol.say("error", STATUS[error.code] ?? "NetStream.Failed", error.message);
  }

  /** Says no more, and gives the client a moment to read what was said: cutting it off at once would take that back. */
  #close(): void {
    this.#isOver = true;
    if (this.#socket.destroyed) return;
    this.#socket.end();
    this.#socket.resume();
    const timer = setTimeout(() => this.#socket.destroy(), GOODBYE_MS).unref();
    this.#socket.once("close", () => clearTimeout(timer));
  }
}

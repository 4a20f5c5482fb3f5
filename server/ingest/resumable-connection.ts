import type { WebSocket } from "ws";
import { LiveError } from "../core/errors.ts";
import {
  containerType,
  PUBLISH_CLOSE,
  type PublishClientMessage,
  type PublishServerMessage,
  publishClientMessage,
} from "../protocol/publish.ts";
import { closeOf, closeSocket } from "./close.ts";
import { Heartbeat } from "./heartbeat.ts";
import { IdleWatch } from "./idle-watch.ts";
import type { Attachment } from "./publishing.ts";

/** The messages of a publisher are two short ones. */
const MAX_TEXT_BYTES = 1024;
/** What is in the file is acknowledged this often while bytes arrive; the contract allows 250 ms. */
const ACK_EVERY_MS = 100;
/** A publisher that does not read gets no more acknowledgements: the next one that it reads says all. */
const MAX_UNREAD_BYTES = 64 * 1024;
/** Who does not answer the close of its socket is cut off. */
const GOODBYE_MS = 2_000;

/** What a connection is served with. */
export interface ConnectionOptions {
  readonly attach: () => Promise<Attachment>;
  /** Bytes that have ever come from the other side. */
  readonly bytesRead: () => number;
  /** How long the publisher may send nothing. */
  readonly idleMs: number;
}

/**
 * One connection of a resumable publisher: speaks `millrace.publish.v1` (docs/publishing.md). Takes its messages one
 * after the other, and lets it wait while the archive is behind. When it is gone the broadcast waits for the next one.
 */
export class ResumableConnection {
  readonly #socket: WebSocket;
  readonly #heartbeat: Heartbeat;
  readonly #options: ConnectionOptions;
  /** Aborts when nothing more will be read. */
  readonly #gone = new AbortController();
  #idle: IdleWatch | undefined;
  #attachment: Attachment | undefined;
  #work: Promise<void> = Promise.resolve();
  #waiting = 0;
  #acknowledged = 0;
  #ackTimer: NodeJS.Timeout | undefined;
  #goodbye: NodeJS.Timeout | undefined;
  /** It is being closed from our side: whatever still comes is too late. */
  #over = false;

  constructor(socket: WebSocket, options: ConnectionOptions) {
    const { attach, bytesRead } = options;
    this.#socket = socket;
    this.#options = options;
    this.#heartbeat = new Heartbeat(socket, { bytesRead, isPaused: () => this.#waiting > 0 });
    socket.on("message", (data: Buffer, isBinary: boolean) => this.#take(data, isBinary));
    // `close` follows with the code; there is nothing to add.
    socket.on("error", () => {});
    const attached = attach().then(
      (attachment) => this.#begin(attachment),
      (error: unknown) => this.#fail(error),
    );
    socket.once("close", () => {
      this.#release();
      void attached.then(() => this.#work).then(() => this.#attachment?.leave());
    });
  }

  #begin(attachment: Attachment): void {
    this.#attachment = attachment;
    attachment.stopped.addEventListener("abort", () => this.#fail(attachment.stopped.reason), { once: true });
    if (attachment.stopped.aborted) return this.#fail(attachment.stopped.reason);
    this.#watch();
    const { broadcast, token, taken: offset } = attachment;
    this.#send({ type: "ready", broadcast, resume: token.reveal(), offset });
    this.#acknowledge(attachment);
  }

  /** Only now can something be sent. The connection may have gone while it waited for its turn. */
  #watch(): void {
    if (this.#gone.signal.aborted) return;
    const { bytesRead, idleMs: limitMs } = this.#options;
    const isPaused = () => this.#waiting > 0;
    this.#idle = new IdleWatch({ limitMs, bytesRead, isPaused, onIdle: (why) => this.#fail(why) });
  }

  #take(data: Buffer, isBinary: boolean): void {
    const attachment = this.#attachment;
    if (this.#over) return;
    if (attachment === undefined) return this.#fail(badRequest("wait for the message `ready` before sending anything"));
    this.#waiting++;
    // Messages that have arrived already still come after this; the archive's limit and the largest message bound them.
    this.#socket.pause();
    this.#work = this.#work
      .then(() => (this.#over ? undefined : this.#handle(attachment, data, isBinary)))
      .catch((error: unknown) => this.#fail(error))
      .finally(() => {
        this.#waiting--;
        // Also while it closes: a paused socket would never see the other side's close.
        if (this.#waiting === 0) this.#socket.resume();
      });
  }

  async #handle(attachment: Attachment, data: Buffer, isBinary: boolean): Promise<void> {
    if (isBinary) {
      await attachment.write(data);
      this.#ackTimer ??= setTimeout(() => this.#acknowledge(attachment), ACK_EVERY_MS);
      await attachment.room(this.#gone.signal);
      if (data.byteLength > 0) this.#idle?.heard();
      return;
    }
    const message = parseMessage(data);
    if (message.type === "end") return this.#end(attachment);
    if (!containerType.safeParse(message.mimeType).success) {
      throw new LiveError("bad_container", "only WebM, Matroska and MP4 are taken");
    }
    await attachment.restart();
  }

  async #end(attachment: Attachment): Promise<void> {
    await attachment.end();
    this.#acknowledge(attachment);
    this.#send({ type: "ended" });
    this.#close(PUBLISH_CLOSE.done, "the broadcast has ended");
  }

  #acknowledge(attachment: Attachment): void {
    clearTimeout(this.#ackTimer);
    this.#ackTimer = undefined;
    const { kept, taken, trouble } = attachment;
    if (kept > this.#acknowledged && this.#socket.bufferedAmount < MAX_UNREAD_BYTES) {
      this.#send({ type: "ack", offset: kept });
      this.#acknowledged = kept;
    }
    // Said at once: a publisher that waits for an acknowledgement may have nothing more to send.
    if (trouble !== undefined) return this.#fail(trouble);
    const isOpen = !this.#over && this.#socket.readyState === this.#socket.OPEN;
    if (isOpen && kept < taken) this.#ackTimer = setTimeout(() => this.#acknowledge(attachment), ACK_EVERY_MS);
  }

  #send(message: PublishServerMessage): void {
    if (this.#socket.readyState === this.#socket.OPEN) this.#socket.send(JSON.stringify(message));
  }

  #fail(error: unknown): void {
    const { code, reason } = closeOf(error);
    this.#close(code, reason);
  }

  #close(code: number, reason: string): void {
    if (this.#over) return;
    this.#over = true;
    this.#gone.abort();
    closeSocket(this.#socket, code, reason);
    if (this.#socket.readyState !== this.#socket.CLOSED) {
      this.#goodbye = setTimeout(() => this.#socket.terminate(), GOODBYE_MS);
    }
  }

  #release(): void {
    this.#gone.abort();
    this.#heartbeat[Symbol.dispose]();
    this.#idle?.[Symbol.dispose]();
    clearTimeout(this.#ackTimer);
    clearTimeout(this.#goodbye);
    this.#ackTimer = undefined;
  }
}

function parseMessage(data: Buffer): PublishClientMessage {
  if (data.byteLength > MAX_TEXT_BYTES) throw badRequest(`a text message of ${data.byteLength} bytes is none of ours`);
  const message = publishClientMessage.safeParse(parseJson(data.toString()));
  if (message.success) return message.data;
  throw badRequest("a text message must be `restart` with its mimeType, or `end`, as JSON");
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function badRequest(message: string): LiveError {
  return new LiveError("bad_request", message);
}

import type { WebSocket } from "ws";
import { wallMs } from "../../core/clock.ts";
import type { RunInit } from "../../packaging/segment.ts";
import type { LiveClientMessage, LiveServerMessage } from "../../protocol/live.ts";
import { initMessage, type MediaMessage, type SocketInit } from "./message.ts";

/**
 * Bytes that may wait for one viewer: about six seconds of 2.5 Mbit/s. They are shared with all others, so a slow one
 * costs little; beyond this it gets nothing until its queue is short and a key frame comes.
 */
const MAX_QUEUED_BYTES = 2 * 1024 * 1024;
/** A viewer that was too slow goes on when no more than this waits. */
const SHORT_QUEUE_BYTES = 64 * 1024;

/** What a viewer last told about itself. */
export type ViewerReport = Extract<LiveClientMessage, { type: "report" }>;

/** A count that goes on when viewers leave. */
export interface ByteMeter {
  bytes: number;
}

/** One viewer's end of the socket: sends what it can take, and leaves out what it cannot. */
export class Viewer {
  /** The picture that is wanted, by its track's name: `null` for none, undefined for the first there is. */
  wanted: string | null | undefined;
  report: ViewerReport | undefined;
  paused = false;
  /** Times that something was left out. */
  skips = 0;
  /** Bytes of media that it was sent. */
  bytes = 0;
  /** Counts what all viewers of the broadcast that it watches were sent. */
  meter: ByteMeter | undefined;
  /** Where it comes from. */
  readonly address: string | undefined;
  /** Unix time in ms at which it came. */
  readonly sinceMs = wallMs();
  readonly #socket: WebSocket;
  #isBehind = false;
  #skipped = { chunks: 0, bytes: 0 };
  #video: RunInit | undefined;
  #audio: RunInit | undefined;

  constructor(socket: WebSocket, wanted: string | null | undefined, address?: string) {
    this.#socket = socket;
    this.wanted = wanted;
    this.address = address;
  }

  /** It takes less than there is: nothing is sent until its queue is short and a key frame comes. */
  get isBehind(): boolean {
    return this.#isBehind;
  }

  get queuedBytes(): number {
    return this.#socket.bufferedAmount;
  }

  /** Sends words. A viewer that takes nothing gets none either: it must not fill its queue with answers. */
  tell(message: LiveServerMessage): void {
    if (this.#isOpen && this.#socket.bufferedAmount <= MAX_QUEUED_BYTES) this.#socket.send(JSON.stringify(message));
  }

  /** Sends media, or leaves it out until the viewer can go on at a key frame. */
  offer(message: MediaMessage): void {
    if (!this.#isOpen || this.paused) return;
    if (this.#isBehind && !this.#canGoOn(message)) return this.#skip(message);
    const queued = this.#socket.bufferedAmount;
    // What lies alone in the queue may be as large as it is.
    if (queued > 0 && queued + message.bytes.byteLength > MAX_QUEUED_BYTES) {
      this.#isBehind = true;
      return this.#skip(message);
    }
    if (this.#isBehind) this.#goOn();
    this.#send(message);
  }

  /** Forgets what was sent: the next message brings its init segments along. */
  startAnew(): void {
    this.#video = undefined;
    this.#audio = undefined;
    this.#isBehind = false;
    this.#skipped = { chunks: 0, bytes: 0 };
  }

  close(code: number, reason: string): void {
    this.#socket.close(code, reason);
  }

  get #isOpen(): boolean {
    return this.#socket.readyState === this.#socket.OPEN;
  }

  #canGoOn(message: MediaMessage): boolean {
    return message.isStart && this.#socket.bufferedAmount <= SHORT_QUEUE_BYTES;
  }

  #skip(message: MediaMessage): void {
    this.#skipped = {
      chunks: this.#skipped.chunks + message.chunks,
      bytes: this.#skipped.bytes + message.bytes.byteLength,
    };
  }

  #goOn(): void {
    this.#isBehind = false;
    this.skips += 1;
    this.tell({ type: "skipped", ...this.#skipped, times: this.skips });
    this.#skipped = { chunks: 0, bytes: 0 };
  }

  #send(message: MediaMessage): void {
    this.#video = this.#prepare(message.video, this.#video);
    this.#audio = this.#prepare(message.audio, this.#audio);
    this.#socket.send(message.bytes);
    this.bytes += message.bytes.byteLength;
    if (this.meter !== undefined) this.meter.bytes += message.bytes.byteLength;
  }

  #prepare(needed: SocketInit | undefined, known: RunInit | undefined): RunInit | undefined {
    if (needed === undefined || needed.init === known) return known;
    this.#socket.send(initMessage(needed));
    return needed.init;
  }
}

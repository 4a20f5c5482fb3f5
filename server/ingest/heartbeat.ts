import type { WebSocket } from "ws";

/** What a {@link Heartbeat} goes by. */
export interface HeartbeatOptions {
  /** Bytes that have ever come from the other side; every answer to a ping counts, and every piece of a large message. */
  readonly bytesRead: () => number;
  /** We do not read at the moment, so silence means nothing. */
  readonly isPaused: () => boolean;
  readonly everyMs?: number;
  readonly silenceMs?: number;
}

const EVERY_MS = 5_000;
const SILENCE_MS = 15_000;

/** Cuts off a connection from whose other side nothing has come for too long: it may be gone without a word. */
export class Heartbeat implements Disposable {
  readonly #socket: WebSocket;
  readonly #options: HeartbeatOptions;
  readonly #timer: NodeJS.Timeout;
  #silentMs = 0;
  #bytes = -1;

  constructor(socket: WebSocket, options: HeartbeatOptions) {
    this.#socket = socket;
    this.#options = options;
    this.#timer = setInterval(() => this.#beat(), options.everyMs ?? EVERY_MS);
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  #beat(): void {
    const { bytesRead, isPaused, everyMs = EVERY_MS, silenceMs = SILENCE_MS } = this.#options;
    const bytes = bytesRead();
    this.#silentMs = bytes !== this.#bytes || isPaused() ? 0 : this.#silentMs + everyMs;
    this.#bytes = bytes;
    if (this.#silentMs >= silenceMs) this.#socket.terminate();
    else if (this.#socket.readyState === this.#socket.OPEN) this.#socket.ping();
  }
}

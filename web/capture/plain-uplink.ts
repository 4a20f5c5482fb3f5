import { CaptureFailure, type ChannelCheck, explainClose, explainRefusal, explainServerMessage } from "./failures.ts";
import type { ConnectUplink, Uplink, UplinkEnd } from "./uplink.ts";

/** A connection that takes longer to open than this counts as refused. */
const OPEN_MS = 10_000;
/** How long what is queued may take to go out after Stop. */
const DRAIN_MS = 30_000;
const DRAIN_STEP_MS = 50;
/** How long the server may take to answer the closing of the socket. */
const CLOSE_MS = 5_000;

/** What the plain uplink needs from the page. */
export interface PlainUplinkOptions {
  /** The socket's address for a channel and key. */
  readonly addressOf: (channel: string, key: string) => string;
  /** Asked after a refusal, because browsers hide its reason. */
  readonly checkChannel: (channel: string) => Promise<ChannelCheck>;
}

/** The plain protocol of contract §4: binary messages, and closing the socket ends the broadcast. */
export function plainUplink(options: PlainUplinkOptions): ConnectUplink {
  return async ({ channel, key }, _report, signal) => {
    const socket = new WebSocket(options.addressOf(channel, key));
    // Listens from the first moment on: the server may have something to say at once.
    const uplink = new PlainUplink(socket);
    if (await whenOpen(socket, signal)) return uplink;
    socket.close();
    throw new CaptureFailure(explainRefusal(channel, await options.checkChannel(channel), key !== ""));
  };
}

function whenOpen(socket: WebSocket, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => settle(false), OPEN_MS);
    const settle = (opened: boolean) => {
      clearTimeout(timer);
      resolve(opened);
    };
    socket.addEventListener("open", () => settle(true), { once: true });
    socket.addEventListener("error", () => settle(false));
    socket.addEventListener("close", () => settle(false), { once: true });
    signal.addEventListener("abort", () => settle(false), { once: true });
  });
}

function wait(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

class PlainUplink implements Uplink {
  readonly ended: Promise<UplinkEnd>;
  readonly #socket: WebSocket;
  #sentBytes = 0;
  #finishing = false;
  #serverWords: string | undefined;

  constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.addEventListener("message", (event: MessageEvent<unknown>) => {
      if (typeof event.data === "string") this.#serverWords ??= explainServerMessage(event.data);
    });
    this.ended = new Promise((resolve) => {
      socket.addEventListener("close", (event) => resolve(this.#endOf(event)), { once: true });
    });
  }

  get queuedBytes(): number {
    return this.#socket.bufferedAmount;
  }

  get sentBytes(): number {
    return this.#sentBytes;
  }

  send(data: Blob): void {
    if (this.#socket.readyState !== WebSocket.OPEN) return;
    this.#socket.send(data);
    this.#sentBytes += data.size;
  }

  async finish(): Promise<UplinkEnd> {
    this.#finishing = true;
    const patience = performance.now() + DRAIN_MS;
    while (this.#socket.readyState === WebSocket.OPEN && this.queuedBytes > 0 && performance.now() < patience) {
      await wait(DRAIN_STEP_MS);
    }
    const left = this.queuedBytes;
    this.#socket.close(1000);
    if (left > 0) return { kind: "lost", text: "The connection was too slow to send the last seconds." };
    // All is sent: a server that does not answer the closing only costs this wait.
    const tooLong = wait(CLOSE_MS).then((): UplinkEnd => ({ kind: "finished" }));
    return Promise.race([this.ended, tooLong]);
  }

  abandon(): void {
    this.#finishing = true;
    this.#socket.close(1000);
  }

  #endOf(event: CloseEvent): UplinkEnd {
    if (this.#serverWords !== undefined) return { kind: "lost", text: this.#serverWords };
    if (this.#finishing) return { kind: "finished" };
    return { kind: "lost", text: explainClose(event.code, event.reason) };
  }
}

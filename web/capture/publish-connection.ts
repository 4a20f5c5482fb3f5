import "../ui/zod-setup.ts";
import {
  PUBLISH_SUBPROTOCOL,
  type PublishClientMessage,
  type PublishServerMessage,
  publishServerMessage,
} from "../../server/protocol/publish.ts";

/** The largest message: the server acknowledges whole ones, and on a slow line a larger one would take too long. */
const MESSAGE_BYTES = 32 * 1024;

/** How a connection ended. */
export interface ConnectionClose {
  readonly code: number;
  readonly reason: string;
  /** Whether there ever was somebody at the other end. */
  readonly wasOpen: boolean;
}

/** Who hears of a connection. */
export interface ConnectionListener {
  onMessage(message: PublishServerMessage): void;
  /** It is over, and not by {@link PublishConnection.drop}. */
  onClose(close: ConnectionClose): void;
}

/** One connection of `millrace.publish.v1` (docs/publishing.md): turns messages into values and back, no more. */
export class PublishConnection {
  readonly #socket: WebSocket;
  #isDropped = false;
  #wasOpen = false;

  constructor(address: string, listener: ConnectionListener) {
    const socket = new WebSocket(address, PUBLISH_SUBPROTOCOL);
    this.#socket = socket;
    socket.addEventListener("open", () => {
      this.#wasOpen = true;
    });
    socket.addEventListener("message", ({ data }: MessageEvent<unknown>) => {
      const message = this.#isDropped ? undefined : parse(data);
      if (message !== undefined) listener.onMessage(message);
    });
    socket.addEventListener("close", ({ code, reason }) => {
      if (!this.#isDropped) listener.onClose({ code, reason, wasOpen: this.#wasOpen });
    });
    // `close` follows and says more.
    socket.addEventListener("error", () => {});
  }

  /** Sends the broadcast's next bytes, in messages of a size that suits slow lines. */
  send(bytes: ArrayBuffer): void {
    for (let from = 0; from < bytes.byteLength; from += MESSAGE_BYTES) {
      const message = new Uint8Array(bytes, from, Math.min(MESSAGE_BYTES, bytes.byteLength - from));
      if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(message);
    }
  }

  say(message: PublishClientMessage): void {
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(message));
  }

  /** Closes it once all that was sent has gone out. Nothing is heard of it any more. */
  drop(): void {
    this.#isDropped = true;
    this.#socket.close(1000);
  }
}

/** What is no message of ours is left alone: a newer server may say more. */
function parse(data: unknown): PublishServerMessage | undefined {
  if (typeof data !== "string") return undefined;
  try {
    return publishServerMessage.safeParse(JSON.parse(data)).data;
  } catch {
    return undefined;
  }
}

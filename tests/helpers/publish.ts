import { once } from "node:events";
import { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { WebSocket } from "ws";

/** How a publisher cuts and paces its bytes. */
export interface Sending {
  /** Bytes in a message or write. */
  readonly pieceBytes?: number;
  /** How long all of it takes, evenly; as fast as the server takes it when not given. */
  readonly seconds?: number;
}

/** An answer to a publication by HTTP. */
export interface HttpAnswer {
  readonly status: number;
  readonly body: unknown;
}

/** Publishes as the body of one request and waits for the answer. */
export async function publishHttp(
  url: string,
  name: string,
  bytes: Uint8Array,
  how: Sending = {},
): Promise<HttpAnswer> {
  const response = await fetch(`${url}/publish/${name}`, {
    method: "POST",
    body: Readable.toWeb(Readable.from(pieces(bytes, how))),
    duplex: "half",
  } as RequestInit);
  return { status: response.status, body: await response.json() };
}

/** How a publication over a WebSocket ended, as its publisher saw it. */
export interface SocketEnd {
  readonly code: number;
  readonly reason: string;
  /** Text messages of the server. */
  readonly texts: readonly string[];
}

/** A publisher on a socket, as a page is one. */
export class SocketPublisher {
  readonly socket: WebSocket;
  readonly ended: Promise<SocketEnd>;
  readonly #texts: string[] = [];

  /** Resolves when the server has let it in; rejects with the refusal. */
  static async connect(url: string, name: string): Promise<SocketPublisher> {
    const socket = new WebSocket(`${url.replace("http", "ws")}/publish/${name}`);
    const publisher = new SocketPublisher(socket);
    await once(socket, "open");
    return publisher;
  }

  private constructor(socket: WebSocket) {
    this.socket = socket;
    socket.on("message", (data) => this.#texts.push(String(data)));
    this.ended = new Promise((resolve) => {
      socket.on("close", (code, reason) => resolve({ code, reason: String(reason), texts: this.#texts }));
    });
  }

  /** Sends everything; stops early when the server closes. */
  async send(bytes: Uint8Array, how: Sending = {}): Promise<void> {
    for await (const piece of pieces(bytes, how)) {
      if (this.socket.readyState !== WebSocket.OPEN) return;
      await new Promise<void>((resolve) => this.socket.send(piece, () => resolve()));
    }
  }

  /** Ends the broadcast as a page does. */
  async end(): Promise<SocketEnd> {
    this.socket.close(1000);
    return this.ended;
  }
}

async function* pieces(bytes: Uint8Array, { pieceBytes = 16 * 1024, seconds = 0 }: Sending) {
  const began = performance.now();
  for (let offset = 0; offset < bytes.byteLength; offset += pieceBytes) {
    const dueMs = began + (offset / bytes.byteLength) * seconds * 1000 - performance.now();
    if (dueMs > 0) await sleep(dueMs);
    yield bytes.subarray(offset, offset + pieceBytes);
  }
}

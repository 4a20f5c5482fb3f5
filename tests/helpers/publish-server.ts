import { once } from "node:events";
import { createServer } from "node:http";
import { type WebSocket, WebSocketServer } from "ws";
import { type PublishServerMessage, publishClientMessage } from "../../server/protocol/publish.ts";
import { portOf } from "./listening.ts";

const BROADCASTS = ["018f0000-0000-7000-8000-000000000001", "018f0000-0000-7000-8000-000000000002"];

/** One broadcast as the server has it. */
export interface Archive {
  readonly id: string;
  bytes: Buffer;
  /** Offsets at which a new container was announced. */
  readonly restarts: number[];
  isEnded: boolean;
  /** Nobody came back in time. */
  isForgotten: boolean;
}

/**
 * A server that misbehaves on demand, which the real one does not: it speaks `millrace.publish.v1`, keeps what it gets,
 * and acknowledges, answers and closes as the test says.
 */
export class PublishServer implements AsyncDisposable {
  readonly archives: Archive[] = [];
  readonly queries: URLSearchParams[] = [];
  /** Bytes in each binary message. */
  readonly messages: number[] = [];
  /** Bytes are taken, and nothing is said about it. */
  isSilent = false;
  /** Connections are made, and nothing is said on them. */
  isDeaf = false;
  /** Every new connection is closed with this. */
  refusal: { readonly code: number; readonly reason?: string } | undefined;
  readonly #http = createServer();
  readonly #sockets = new WebSocketServer({ server: this.#http });

  static async start(): Promise<PublishServer> {
    const server = new PublishServer();
    server.#sockets.on("connection", (socket, request) => {
      const query = new URL(request.url ?? "", "http://localhost").searchParams;
      server.queries.push(query);
      server.#serve(socket, query);
    });
    server.#http.listen(0, "127.0.0.1");
    await once(server.#http, "listening");
    return server;
  }

  get url(): string {
    return `ws://127.0.0.1:${portOf(this.#http)}`;
  }

  get newest(): Archive {
    const archive = this.archives.at(-1);
    if (archive === undefined) throw new Error("nothing was published yet");
    return archive;
  }

  /** Breaks every connection, without a word or with a code. */
  cut(code?: number): void {
    for (const socket of this.#sockets.clients) {
      if (code === undefined) socket.terminate();
      else socket.close(code);
    }
  }

  /** The server forgets its broadcasts, as it does when nobody came back in time. */
  forget(): void {
    for (const archive of this.archives) archive.isForgotten = true;
    this.cut();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.cut();
    this.#sockets.close();
    this.#http.closeAllConnections();
    await new Promise((resolve) => this.#http.close(resolve));
  }

  #serve(socket: WebSocket, query: URLSearchParams): void {
    if (this.refusal !== undefined) return socket.close(this.refusal.code, this.refusal.reason);
    if (this.isDeaf) return;
    const archive = this.#archiveFor(query);
    if (archive === undefined) return socket.close(4404, "there is nothing to resume");
    const say = (message: PublishServerMessage) => {
      if (!this.isSilent) socket.send(JSON.stringify(message));
    };
    say({ type: "ready", broadcast: archive.id, resume: "secret", offset: archive.bytes.byteLength });
    socket.on("message", (data: Buffer, isBinary: boolean) => {
      if (isBinary) {
        this.messages.push(data.byteLength);
        archive.bytes = Buffer.concat([archive.bytes, data]);
        return say({ type: "ack", offset: archive.bytes.byteLength });
      }
      const message = publishClientMessage.parse(JSON.parse(String(data)));
      if (message.type === "restart") return void archive.restarts.push(archive.bytes.byteLength);
      archive.isEnded = true;
      say({ type: "ended" });
      if (!this.isSilent) socket.close(1000);
    });
  }

  #archiveFor(query: URLSearchParams): Archive | undefined {
    const wanted = query.get("broadcast");
    if (wanted !== null) {
      return query.get("resume") === "secret"
        ? this.archives.find((each) => each.id === wanted && !each.isForgotten)
        : undefined;
    }
    const id = BROADCASTS[this.archives.length] ?? "";
    const fresh = { id, bytes: Buffer.alloc(0), restarts: [], isEnded: false, isForgotten: false };
    this.archives.push(fresh);
    return fresh;
  }
}

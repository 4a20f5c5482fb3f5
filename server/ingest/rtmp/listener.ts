import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import type { ConnectionLimit } from "../../core/connection-limit.ts";
import { messageOf } from "../../core/errors.ts";
import type { RequestLimit } from "../../core/request-limit.ts";
import { RtmpConnection, type RtmpConnectionOptions } from "./connection.ts";

/** What RTMP is served with. */
export interface RtmpListenerOptions extends Omit<RtmpConnectionOptions, "refusal"> {
  readonly host: string;
  /** 0 for any free one. */
  readonly port: number;
  readonly limits: { readonly connections: ConnectionLimit; readonly requests: Pick<RequestLimit, "take"> };
}

/** The port that RTMP publishers connect to. Disposed, it lets nobody in and cuts off who is still there. */
export class RtmpListener implements AsyncDisposable {
  readonly #server: Server;
  readonly #host: string;
  readonly #cuts = new Map<RtmpConnection, () => void>();

  private constructor(server: Server, host: string) {
    this.#server = server;
    this.#host = host;
  }

  /** Resolves when the port is bound; rejects when it cannot be. */
  static async listen({ host, port, limits, ...options }: RtmpListenerOptions): Promise<RtmpListener> {
    const server = createServer({ noDelay: true, keepAlive: true });
    limits.connections.watch(server);
    const listener = new RtmpListener(server, host);
    server.on("connection", (socket) => {
      const connection = new RtmpConnection(socket, { ...options, refusal: refusalOf(socket, limits) });
      listener.#cuts.set(connection, () => socket.destroy());
      void connection.done.then(() => listener.#cuts.delete(connection));
    });
    server.listen(port, host);
    try {
      await once(server, "listening");
    } catch (error) {
      const setting = `MILLRACE_RTMP_PORT=${port}; another port, 0 for any free one, or off`;
      throw new Error(`RTMP cannot be served (${setting}): ${messageOf(error)}`, { cause: error });
    }
    return listener;
  }

  /** How publishers' addresses begin, with the port that is really used. */
  get url(): string {
    const address = this.#server.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    return `rtmp://${this.#host.includes(":") ? `[${this.#host}]` : this.#host}:${port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    const connections = [...this.#cuts];
    for (const [, cut] of connections) cut();
    await Promise.all(connections.map(([connection]) => connection.done));
    await closed;
  }
}

/** Why this connection may not be used; undefined when it may. Each counts as a request. */
function refusalOf(socket: Socket, { connections, requests }: RtmpListenerOptions["limits"]): string | undefined {
  const refusal = connections.refusal(socket);
  if (refusal !== undefined || requests.take(socket.remoteAddress ?? "") === 0) return refusal;
  return "this address does that too often (MILLRACE_MAX_REQUESTS_PER_SECOND)";
}

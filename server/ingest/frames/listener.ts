import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import type { ConnectionLimit } from "../../core/connection-limit.ts";
import { messageOf } from "../../core/errors.ts";
import type { RequestLimit } from "../../core/request-limit.ts";
import { FramesConnection, type FramesConnectionOptions } from "./connection.ts";

/** What publishers of images are served with. */
export interface FramesListenerOptions extends FramesConnectionOptions {
  readonly host: string;
  /** 0 for any free one. */
  readonly port: number;
  readonly limits: { readonly connections: ConnectionLimit; readonly requests: Pick<RequestLimit, "take"> };
}

/** A publisher whose machine is gone without a word is noticed after a while: it is asked from then on. */
const KEEP_ALIVE_MS = 15_000;

/** The port that publishers of images connect to. Disposed, it lets nobody in and cuts off who is still there. */
export class FramesListener implements AsyncDisposable {
  readonly #server: Server;
  readonly #host: string;
  readonly #cuts = new Map<FramesConnection, () => void>();

  private constructor(server: Server, host: string) {
    this.#server = server;
    this.#host = host;
  }

  /** Resolves when the port is bound; rejects when it cannot be. */
  static async listen({ host, port, limits, ...options }: FramesListenerOptions): Promise<FramesListener> {
    const server = createServer({ keepAlive: true, keepAliveInitialDelay: KEEP_ALIVE_MS });
    limits.connections.watch(server);
    const listener = new FramesListener(server, host);
    server.on("connection", (socket) => {
      const reason = refusalOf(socket, limits);
      if (reason !== undefined) {
        options.report("a publisher of images was refused", { from: socket.remoteAddress, reason });
        socket.destroy();
        return;
      }
      const connection = new FramesConnection(socket, options);
      listener.#cuts.set(connection, () => socket.destroy());
      void connection.done.then(() => listener.#cuts.delete(connection));
    });
    server.listen(port, host);
    try {
      await once(server, "listening");
    } catch (error) {
      const setting = `MILLRACE_FRAMES_PORT=${port}; another port, 0 for any free one, or off`;
      throw new Error(`Image frames cannot be taken (${setting}): ${messageOf(error)}`, { cause: error });
    }
    return listener;
  }

  /** Where publishers connect to, with the port that is really used. */
  get url(): string {
    const address = this.#server.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    return `tcp://${this.#host.includes(":") ? `[${this.#host}]` : this.#host}:${port}`;
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
function refusalOf(socket: Socket, { connections, requests }: FramesListenerOptions["limits"]): string | undefined {
  const refusal = connections.refusal(socket);
  if (refusal !== undefined || requests.take(socket.remoteAddress ?? "") === 0) return refusal;
  return "this address does that too often (MILLRACE_MAX_REQUESTS_PER_SECOND)";
}

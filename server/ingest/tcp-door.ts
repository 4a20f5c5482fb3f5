import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import type { ConnectionLimit } from "../core/connection-limit.ts";
import { messageOf } from "../core/errors.ts";
import type { RequestLimit } from "../core/request-limit.ts";

/** A port of its own for one way in. */
export interface TcpDoorOptions {
  /** How addresses begin: `rtmp`, `tcp`. */
  readonly scheme: string;
  readonly host: string;
  /** 0 for any free one. */
  readonly port: number;
  /** The setting that chooses the port, and what cannot be done without it, for the error. */
  readonly setting: string;
  readonly purpose: string;
  readonly limits: { readonly connections: ConnectionLimit; readonly requests: Pick<RequestLimit, "take"> };
}

/** What serves one connection. */
export interface TcpPublisher {
  /** Settles when the connection is over and what it brought is stored. Never rejects. */
  readonly done: Promise<void>;
}

/** Begins to serve a connection, or refuses it with the reason given; undefined when it has refused it already. */
export type ServeTcp = (socket: Socket, refusal: string | undefined) => TcpPublisher | undefined;

/** A publisher whose machine is gone without a word is noticed after a while: it is asked from then on. */
const KEEP_ALIVE_MS = 15_000;

/** A port that publishers connect to. Disposed, it lets nobody in and cuts off who is still there. */
export class TcpDoor implements AsyncDisposable {
  readonly #server: Server;
  readonly #options: TcpDoorOptions;
  readonly #cuts = new Map<TcpPublisher, () => void>();

  /** Resolves when the port is bound; rejects with words that name the setting when it cannot be. */
  static async open(options: TcpDoorOptions, serve: ServeTcp): Promise<TcpDoor> {
    const { host, port, limits, setting, purpose } = options;
    const server = createServer({ noDelay: true, keepAlive: true, keepAliveInitialDelay: KEEP_ALIVE_MS });
    limits.connections.watch(server);
    const door = new TcpDoor(server, options);
    server.on("connection", (socket) => door.#serve(socket, serve));
    server.listen(port, host);
    try {
      await once(server, "listening");
    } catch (error) {
      const choice = `${setting}=${port}; another port, 0 for any free one, or off`;
      throw new Error(`${purpose} (${choice}): ${messageOf(error)}`, { cause: error });
    }
    return door;
  }

  private constructor(server: Server, options: TcpDoorOptions) {
    this.#server = server;
    this.#options = options;
  }

  /** How publishers' addresses begin, with the port that is really used. */
  get url(): string {
    const { scheme, host } = this.#options;
    const address = this.#server.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    return `${scheme}://${host.includes(":") ? `[${host}]` : host}:${port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    const publishers = [...this.#cuts];
    for (const [, cut] of publishers) cut();
    await Promise.all(publishers.map(([publisher]) => publisher.done));
    await closed;
  }

  #serve(socket: Socket, serve: ServeTcp): void {
    const publisher = serve(socket, this.#refusalOf(socket));
    if (publisher === undefined) return;
    this.#cuts.set(publisher, () => socket.destroy());
    void publisher.done.then(() => this.#cuts.delete(publisher));
  }

  /** Why this connection may not be used; undefined when it may. Each counts as a request. */
  #refusalOf(socket: Socket): string | undefined {
    const { connections, requests } = this.#options.limits;
    const refusal = connections.refusal(socket);
    if (refusal !== undefined || requests.take(socket.remoteAddress ?? "") === 0) return refusal;
    return "this address does that too often (MILLRACE_MAX_REQUESTS_PER_SECOND)";
  }
}

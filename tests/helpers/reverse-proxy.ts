import { once } from "node:events";
import {
  request as ask,
  createServer,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  type RequestOptions,
} from "node:http";
import type { AddressInfo, Socket } from "node:net";
import type { Duplex } from "node:stream";

/** How a proxy stands before the server. */
export interface ReverseProxyOptions {
  /** Whom it takes its clients for, as if they had come from this address. */
  readonly client: string;
  /** The site that its clients ask for. */
  readonly site: { readonly protocol: "http" | "https"; readonly host: string };
}

/** A proxy as operators have one: it passes on requests and upgrades, and says in headers whom for. */
export class ReverseProxy implements AsyncDisposable {
  readonly #target: URL;
  readonly #options: ReverseProxyOptions;
  readonly #server = createServer();
  readonly #upgraded = new Set<Duplex>();

  static async start(target: string, options: ReverseProxyOptions): Promise<ReverseProxy> {
    const proxy = new ReverseProxy(target, options);
    await once(proxy.#server.listen(0, "127.0.0.1"), "listening");
    return proxy;
  }

  private constructor(target: string, options: ReverseProxyOptions) {
    this.#target = new URL(target);
    this.#options = options;
    this.#server.on("request", (request, response) => {
      const passed = ask(this.#passedOn(request), (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
      });
      passed.on("error", () => response.destroy());
      response.on("close", () => passed.destroy());
      request.pipe(passed);
    });
    this.#server.on("upgrade", (request: IncomingMessage, client: Duplex) => this.#upgrade(request, client));
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#upgraded) socket.destroy();
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, "close");
  }

  #upgrade(request: IncomingMessage, client: Duplex): void {
    const passed = ask(this.#passedOn(request)).end();
    this.#upgraded.add(client);
    client.on("close", () => this.#upgraded.delete(client));
    client.on("error", () => passed.destroy());
    passed.on("error", () => client.destroy());
    passed.on("response", (answer) => {
      client.write(headOf(answer));
      answer.pipe(client);
    });
    passed.on("upgrade", (answer: IncomingMessage, server: Socket, first: Buffer) => {
      client.write(Buffer.concat([Buffer.from(headOf(answer)), first]));
      server.on("error", () => client.destroy());
      client.on("close", () => server.destroy());
      server.pipe(client).pipe(server);
    });
  }

  #passedOn({ method, url, headers }: IncomingMessage): RequestOptions {
    const { client, site } = this.#options;
    const said: OutgoingHttpHeaders = {
      // What a client has sent stays on the left, as it does with nginx.
      "x-forwarded-for": [headers["x-forwarded-for"] ?? [], client].flat().join(", "),
      "x-forwarded-proto": site.protocol,
      "x-forwarded-host": site.host,
    };
    const { hostname, port } = this.#target;
    return { agent: false, hostname, port, method, path: url, headers: { ...headers, ...said } };
  }
}

function headOf({ statusCode, statusMessage, rawHeaders }: IncomingMessage): string {
  const lines = rawHeaders.map((text, index) => (index % 2 === 0 ? `${text}: ` : `${text}\r\n`));
  return `HTTP/1.1 ${statusCode} ${statusMessage}\r\n${lines.join("")}\r\n`;
}

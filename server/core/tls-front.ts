import { once } from "node:events";
import { unwatchFile, watchFile } from "node:fs";
import { readFile } from "node:fs/promises";
import type { Server } from "node:http";
import { createServer as createHttp2Server, type Http2Server, type ServerHttp2Session } from "node:http2";
import type { Socket } from "node:net";
import { createServer as createTlsServer, type Server as TlsServer } from "node:tls";

import type { ConnectionLimit } from "./connection-limit.ts";

/** How often the certificate's files are looked at: whoever renews one does so days before it is needed. */
const LOOK_MS = 2_000;
/** Requests at once on one connection: a player with all its renditions needs a dozen. */
const MAX_STREAMS = 256;

/** Too large a header is refused with words by whoever answers, and by a reset when it is this much too large. */
const HEADROOM = 4;

/** Where to listen, and as whom. */
export interface TlsFrontOptions {
  readonly host: string;
  readonly port: number;
  /** PEM files. */
  readonly certFile: string;
  readonly keyFile: string;
  readonly connections: ConnectionLimit;
  readonly maxHeaderBytes: number;
  /** A new certificate has been taken, or why it could not be; the one before stays in use then. */
  readonly onCertificate: (problem: string | undefined) => void;
}

/**
 * HTTPS before an HTTP server that does not listen itself: HTTP/2 where the client speaks it, else HTTP/1.1 with
 * WebSockets. Each connection is handed on to the server as one of its own, so that routes need not know.
 */
export class TlsFront implements AsyncDisposable {
  readonly #options: TlsFrontOptions;
  readonly #tls: TlsServer;
  readonly #http2: Http2Server;
  readonly #sessions = new Set<ServerHttp2Session>();
  readonly #sockets = new Set<Socket>();
  readonly #reload = () => void this.#renew();

  /** Throws when the certificate cannot be used or the address not be listened on. */
  static async listen(server: Server, options: TlsFrontOptions): Promise<TlsFront> {
    const front = new TlsFront(server, options, await readCertificate(options));
    front.#tls.listen(options.port, options.host);
    await once(front.#tls, "listening");
    for (const file of front.#files) watchFile(file, { interval: LOOK_MS, persistent: false }, front.#reload);
    return front;
  }

  private constructor(server: Server, options: TlsFrontOptions, certificate: Certificate) {
    this.#options = options;
    this.#http2 = createHttp2Server({
      settings: { maxConcurrentStreams: MAX_STREAMS, maxHeaderListSize: HEADROOM * options.maxHeaderBytes },
    });
    this.#http2.on("request", (request, response) => server.emit("request", request, response));
    this.#http2.on("session", (session) => {
      this.#sessions.add(session);
      session.on("close", () => this.#sessions.delete(session));
      // A client that breaks the protocol loses its connection; that is all.
      session.on("error", () => {});
    });
    this.#tls = createTlsServer({ ...certificate, ALPNProtocols: ["h2", "http/1.1"] });
    options.connections.watch(this.#tls);
    // The connections themselves: also those whose handshake is not done, and those that HTTP/2 has taken over.
    this.#tls.on("connection", (socket) => {
      this.#sockets.add(socket);
      socket.on("close", () => this.#sockets.delete(socket));
    });
    this.#tls.on("secureConnection", (socket) => {
      socket.on("error", () => {});
      (socket.alpnProtocol === "h2" ? this.#http2 : server).emit("connection", socket);
    });
  }

  /** The port in use. */
  get port(): number {
    const address = this.#tls.address();
    return typeof address === "object" && address !== null ? address.port : this.#options.port;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const file of this.#files) unwatchFile(file, this.#reload);
    const closed = once(this.#tls, "close");
    this.#tls.close();
    for (const session of this.#sessions) session.destroy();
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  get #files(): readonly string[] {
    return [this.#options.certFile, this.#options.keyFile];
  }

  /** Half of a pair may have been written only: it fits when the other half is there, too. */
  async #renew(): Promise<void> {
    try {
      this.#tls.setSecureContext(await readCertificate(this.#options));
      this.#options.onCertificate(undefined);
    } catch (error) {
      this.#options.onCertificate(error instanceof Error ? error.message : String(error));
    }
  }
}

interface Certificate {
  readonly cert: Buffer;
  readonly key: Buffer;
}

async function readCertificate({ certFile, keyFile }: TlsFrontOptions): Promise<Certificate> {
  const [cert, key] = await Promise.all([readFile(certFile), readFile(keyFile)]);
  return { cert, key };
}

import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

/** Small pieces, so that a slow line is slow evenly. */
const PIECE_BYTES = 2 * 1024;

/** A line between a page and the server that breaks, goes silent or slow when a test says so. */
export class TcpProxy implements AsyncDisposable {
  /** The server's port; another one after it was started anew. */
  target: number;
  /** Nobody is let through, and connections are reset. */
  isDown = false;
  /** Connections stay, and nothing comes through any more. */
  isSilent = false;
  /** Bytes per second towards the server, for all connections together. */
  uploadLimit = Number.POSITIVE_INFINITY;
  readonly #server = createServer({ noDelay: true }, (client) => void this.#serve(client));
  readonly #sockets = new Set<Socket>();
  #freeAtMs = 0;

  constructor(url: string) {
    this.target = Number(new URL(url).port);
  }

  static async start(url: string): Promise<TcpProxy> {
    const proxy = new TcpProxy(url);
    await once(proxy.#server.listen(0, "127.0.0.1"), "listening");
    return proxy;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Breaks all connections; how the other sides hear of it: as reset. */
  cut(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close();
    this.cut();
    await once(this.#server, "close");
  }

  async #serve(client: Socket): Promise<void> {
    if (this.isDown) return void client.resetAndDestroy();
    const server = connect({ port: this.target, host: "127.0.0.1", noDelay: true });
    const pair = [client, server];
    for (const socket of pair) {
      this.#sockets.add(socket);
      // One side's end is the other's.
      socket.on("error", () => {});
      socket.on("close", () => {
        this.#sockets.delete(socket);
        for (const each of pair) each.destroy();
      });
    }
    server.on("data", (bytes) => {
      if (!this.isSilent) client.write(bytes);
    });
    await this.#upload(client, server).catch(() => {});
  }

  async #upload(client: Socket, server: Socket): Promise<void> {
    for await (const bytes of client) {
      for (let from = 0, step = 0; from < bytes.length; from += step) {
        step = Number.isFinite(this.uploadLimit) ? PIECE_BYTES : bytes.length;
        const piece: Buffer = bytes.subarray(from, from + step);
        await this.#turn(piece.byteLength);
        if (!this.isSilent && !server.write(piece)) await once(server, "drain");
      }
    }
    server.end();
  }

  /** Waits until the line is free for so many bytes. */
  async #turn(bytes: number): Promise<void> {
    const nowMs = performance.now();
    this.#freeAtMs = Math.max(nowMs, this.#freeAtMs) + (bytes / this.uploadLimit) * 1000;
    if (this.#freeAtMs - nowMs > 1) await sleep(this.#freeAtMs - nowMs);
  }
}

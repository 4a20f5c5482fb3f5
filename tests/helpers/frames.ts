import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { WebSocket } from "ws";
import { ConnectionLimit, type ConnectionLimitOptions } from "../../server/core/connection-limit.ts";
import { RequestLimit } from "../../server/core/request-limit.ts";
import type { FramesConnectionOptions } from "../../server/ingest/frames/connection.ts";
import { listenForFrames } from "../../server/ingest/frames/listener.ts";
import { type LiveServerMessage, liveServerMessage } from "../../server/protocol/live.ts";
import { eventually } from "./eventually.ts";
import { prefixed } from "./images.ts";
import { publishingInto } from "./publishing.ts";
import { type TestRegistry, testRegistry } from "./registry.ts";

/** A connection of a publisher of images, as Flumen's is one. */
export class FramesPublisher {
  readonly socket: Socket;
  /** Resolves when the connection is over, however it went. */
  readonly closed: Promise<void>;

  static async connect(url: string): Promise<FramesPublisher> {
    const { hostname, port } = new URL(url);
    const socket = connect(Number(port), hostname);
    const publisher = new FramesPublisher(socket);
    await once(socket, "connect");
    return publisher;
  }

  private constructor(socket: Socket) {
    this.socket = socket;
    this.closed = new Promise((resolve) => socket.once("close", () => resolve()));
    socket.on("error", () => {});
    socket.resume();
  }

  /** Sends messages with their lengths; words are sent as they are. */
  send(...messages: readonly (Uint8Array | string)[]): void {
    this.socket.write(Buffer.concat(messages.map((message) => prefixed(message))));
  }

  /** Ends the broadcast with a length of 0. */
  end(): Promise<void> {
    this.socket.write(Buffer.alloc(4));
    return this.closed;
  }
}

/** The port for images, before a real registry. */
export interface FramesServer extends TestRegistry {
  readonly url: string;
  readonly reports: readonly { readonly event: string; readonly details: Record<string, unknown> }[];
  /** The reasons that were reported. */
  reasons(): string[];
}

export async function framesServer(
  options: Partial<
    FramesConnectionOptions & ConnectionLimitOptions & { maxBroadcasts: number; perSecond: number }
  > = {},
): Promise<FramesServer> {
  const on = await testRegistry({ maxBroadcasts: options.maxBroadcasts ?? 10 });
  const reports: { event: string; details: Record<string, unknown> }[] = [];
  const listener = await listenForFrames({
    host: "127.0.0.1",
    port: 0,
    idleMs: 60_000,
    maxImageBytes: 512 * 1024,
    limits: {
      connections: new ConnectionLimit({ perAddress: 100, exempt: [], ...options }),
      requests: new RequestLimit({ perSecond: options.perSecond ?? 1_000, exempt: [] }),
    },
    publishing: publishingInto(on.registry),
    report: (event, details) => reports.push({ event, details }),
    ...options,
  });
  return {
    ...on,
    url: listener.url,
    reports,
    reasons: () => reports.flatMap(({ details }) => (details.reason === undefined ? [] : String(details.reason))),
    async [Symbol.asyncDispose]() {
      await listener[Symbol.asyncDispose]();
      await on[Symbol.asyncDispose]();
    },
  };
}

/** A viewer of images that keeps what it gets. */
export class FramesViewer {
  readonly socket: WebSocket;
  readonly ended: Promise<{ readonly code: number; readonly reason: string }>;
  readonly images: Buffer[] = [];
  readonly words: LiveServerMessage[] = [];

  static async connect(url: string, channel: string, query = ""): Promise<FramesViewer> {
    const viewer = new FramesViewer(new WebSocket(`${url.replace("http", "ws")}/live/${channel}/frames${query}`));
    await once(viewer.socket, "open");
    return viewer;
  }

  private constructor(socket: WebSocket) {
    this.socket = socket;
    socket.on("message", (data: Buffer, isBinary: boolean) => {
      if (isBinary) this.images.push(data);
      else this.words.push(liveServerMessage.parse(JSON.parse(String(data))));
    });
    this.ended = new Promise((resolve) => {
      socket.on("close", (code, reason) => resolve({ code, reason: String(reason) }));
    });
  }

  /** Waits until so many images have come. */
  async gets(count: number): Promise<readonly Buffer[]> {
    await eventually(`${count} images have come`, () => this.images.length >= count);
    return this.images;
  }

  async leave(): Promise<void> {
    this.socket.close();
    await this.ended;
  }
}

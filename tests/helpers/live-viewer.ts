import { once } from "node:events";
import { WebSocket } from "ws";
import {
  LIVE_SUBPROTOCOL,
  type LiveClientMessage,
  type LiveRecord,
  type LiveServerMessage,
  liveServerMessage,
  readRecords,
} from "../../server/protocol/live.ts";
import { eventually } from "./eventually.ts";

/** How a live socket ended. */
export interface LiveEnd {
  readonly code: number;
  readonly reason: string;
}

/** A viewer of the live socket that keeps everything it gets. */
export class LiveViewer {
  readonly socket: WebSocket;
  readonly ended: Promise<LiveEnd>;
  readonly words: LiveServerMessage[] = [];
  readonly records: LiveRecord[] = [];
  /** How many binary messages there were. */
  messages = 0;

  /** Resolves when the server has taken it; `query` such as `?wait=1`. */
  static async connect(url: string, channel: string, query = ""): Promise<LiveViewer> {
    const address = `${url.replace("http", "ws")}/live/${channel}/socket${query}`;
    const viewer = new LiveViewer(new WebSocket(address, LIVE_SUBPROTOCOL));
    await once(viewer.socket, "open");
    return viewer;
  }

  private constructor(socket: WebSocket) {
    this.socket = socket;
    socket.binaryType = "arraybuffer";
    socket.on("message", (data, isBinary) => this.#take(data, isBinary));
    this.ended = new Promise((resolve) => {
      socket.on("close", (code, reason) => resolve({ code, reason: String(reason) }));
    });
  }

  say(message: LiveClientMessage): void {
    this.socket.send(JSON.stringify(message));
  }

  /** The words of one type, oldest first. */
  said<T extends LiveServerMessage["type"]>(type: T): Extract<LiveServerMessage, { type: T }>[] {
    return this.words.filter((words): words is Extract<LiveServerMessage, { type: T }> => words.type === type);
  }

  /** Waits until so many words of one type have come, and gives the newest. */
  async hears<T extends LiveServerMessage["type"]>(
    type: T,
    count = 1,
  ): Promise<Extract<LiveServerMessage, { type: T }>> {
    await eventually(`the viewer hears “${type}”`, () => this.said(type).length >= count);
    const newest = this.said(type).at(-1);
    if (newest === undefined) throw new Error("cannot be");
    return newest;
  }

  /** The chunks of one track that came, oldest first. */
  chunksOf(track: number): LiveRecord[] {
    return this.records.filter((record) => record.kind === "chunk" && record.track === track);
  }

  /** What a decoder would be given of one track. */
  bytesOf(track: number): Buffer {
    return Buffer.concat(this.records.filter((record) => record.track === track).map(({ payload }) => payload));
  }

  /** Waits until `count` chunks of a track have come. */
  async gets(track: number, count: number): Promise<void> {
    await eventually(`the viewer has ${count} chunks of track ${track}`, () => this.chunksOf(track).length >= count);
  }

  async leave(): Promise<LiveEnd> {
    this.socket.close(1000);
    return this.ended;
  }

  #take(data: unknown, isBinary: boolean): void {
    if (!isBinary) {
      this.words.push(liveServerMessage.parse(JSON.parse(String(data))));
      return;
    }
    if (!(data instanceof ArrayBuffer)) throw new Error("a message of an unknown kind");
    this.messages += 1;
    this.records.push(...readRecords(data));
  }
}

import { once } from "node:events";
import { WebSocket } from "ws";
import { PUBLISH_SUBPROTOCOL, publishServerMessage } from "../../server/protocol/publish.ts";
import { until } from "../example/until.ts";

const RETRY_MS = 20;
const NO_ROOM_RETRY_MS = 200;
/** How long something may take that only waits for the server. */
const LIMIT_MS = 10_000;

/** How a connection or the whole publication ended. */
export interface PublisherEnd {
  readonly code: number;
  readonly reason: string;
}

/**
 * A client of `millrace.publish.v1` as docs/publishing.md describes one: keeps what is not acknowledged, and when the
 * connection is lost comes back with the token and goes on where the server says.
 */
export class ResumablePublisher {
  /** Settles when it will not come back: after `end`, or when it was refused. */
  readonly ended: Promise<PublisherEnd>;
  /** Where the server is; a test that starts it anew says so here. */
  url: string;
  broadcast = "";
  token = "";
  /** Offset behind the last byte that the server has acknowledged. */
  acknowledged = 0;
  /** The offsets that the server has named, one for each connection. */
  readonly offsets: number[] = [];
  /** Why it was sent away although its broadcast goes on. */
  readonly refusals: string[] = [];
  socket: WebSocket | undefined;
  readonly #channel: string;
  /** Everything from `#keptFrom` on that has been produced. */
  #kept = Buffer.alloc(0);
  #keptFrom = 0;
  /** Where new containers begin, and whether this connection has said so. */
  #restarts: { readonly offset: number; readonly mimeType: string; said: boolean }[] = [];
  #sent = 0;
  #isReady = false;
  #ending = false;
  #heardEnded = false;
  #hasStopped = false;
  #settle: (end: PublisherEnd) => void = () => {};

  /** Goes on with a broadcast that another one began and stopped trying; `from` is where its bytes begin. */
  static resuming(
    url: string,
    channel: string,
    known: { readonly broadcast: string; readonly token: string; readonly from: number },
  ): ResumablePublisher {
    return new ResumablePublisher(url, channel, known);
  }

  constructor(url: string, channel: string, known?: { broadcast: string; token: string; from: number }) {
    this.url = url;
    this.#channel = channel;
    this.broadcast = known?.broadcast ?? "";
    this.token = known?.token ?? "";
    this.#keptFrom = known?.from ?? 0;
    this.ended = new Promise((resolve) => {
      this.#settle = resolve;
    });
    this.#connect();
  }

  /** Bytes produced so far. */
  get produced(): number {
    return this.#keptFrom + this.#kept.byteLength;
  }

  /** How many times it has been let in. */
  get connections(): number {
    return this.offsets.length;
  }

  /** Whether the server has let the present connection in. */
  get isReady(): boolean {
    return this.#isReady;
  }

  /** The recorder has made these bytes; they go out as one message, now or when the connection is back. */
  send(bytes: Uint8Array): void {
    this.#kept = Buffer.concat([this.#kept, bytes]);
    this.#flush();
  }

  /** The recorder begins anew: the next bytes are a new container. */
  restart(mimeType: string): void {
    this.#restarts.push({ offset: this.produced, mimeType, said: false });
    this.#flush();
  }

  /** The broadcast is over once everything has arrived. */
  end(): Promise<PublisherEnd> {
    this.#ending = true;
    this.#flush();
    return this.ended;
  }

  /** Loses the connection: without a word, or with the close that a page sends when it goes away. */
  drop(how: "reset" | "clean" = "reset"): void {
    this.#isReady = false;
    if (how === "reset") this.socket?.terminate();
    else this.socket?.close(1001);
  }

  /** Never connects again. */
  stopTrying(): void {
    this.#hasStopped = true;
  }

  /** Waits until everything that was produced has been acknowledged. */
  async allAcknowledged(): Promise<void> {
    await until({ what: "for all bytes to be acknowledged", limitMs: LIMIT_MS, everyMs: 5 }, () =>
      this.acknowledged === this.produced ? true : undefined,
    );
  }

  #connect(): void {
    const query = this.broadcast === "" ? "" : `?broadcast=${this.broadcast}&resume=${this.token}`;
    const address = `${this.url.replace("http", "ws")}/publish/${this.#channel}${query}`;
    const socket = new WebSocket(address, PUBLISH_SUBPROTOCOL);
    this.socket = socket;
    this.#isReady = false;
    socket.on("message", (data) => this.#hear(socket, String(data)));
    socket.on("error", () => {});
    socket.on("close", (code, reason) => this.#lost(socket, { code, reason: String(reason) }));
  }

  #hear(socket: WebSocket, text: string): void {
    if (socket !== this.socket) return;
    const message = publishServerMessage.parse(JSON.parse(text));
    if (message.type === "ack") this.#forget(message.offset);
    else if (message.type === "ended") this.#heardEnded = true;
    else {
      if (message.offset < this.#keptFrom) throw new Error(`the server wants ${message.offset}, which is gone`);
      this.broadcast = message.broadcast;
      this.token = message.resume;
      this.offsets.push(message.offset);
      this.#sent = message.offset;
      for (const restart of this.#restarts) restart.said = restart.offset < message.offset;
      this.#isReady = true;
      this.#flush();
    }
  }

  #forget(offset: number): void {
    if (offset <= this.acknowledged) return;
    this.acknowledged = offset;
    this.#kept = this.#kept.subarray(offset - this.#keptFrom);
    this.#keptFrom = offset;
  }

  #flush(): void {
    if (!this.#isReady) return;
    for (const restart of this.#restarts.filter(({ said }) => !said)) {
      this.#sendTo(restart.offset);
      this.#say({ type: "restart", mimeType: restart.mimeType });
      restart.said = true;
    }
    this.#sendTo(this.produced);
    if (this.#ending) this.#say({ type: "end" });
  }

  #sendTo(offset: number): void {
    if (offset <= this.#sent) return;
    this.socket?.send(this.#kept.subarray(this.#sent - this.#keptFrom, offset - this.#keptFrom));
    this.#sent = offset;
  }

  #say(message: unknown): void {
    this.socket?.send(JSON.stringify(message));
  }

  #lost(socket: WebSocket, end: PublisherEnd): void {
    if (socket !== this.socket) return;
    this.#isReady = false;
    if (this.#hasStopped) return this.#settle(end);
    // What has begun waits on the server until there is room again.
    const hasNoRoomNow = end.code === 4503 && this.acknowledged > 0;
    if (hasNoRoomNow) this.refusals.push(end.reason);
    const isFresh = end.code === 4404 && this.acknowledged === 0;
    if (isFresh) {
      // Nothing of it was kept, and nothing of it is gone here: it begins anew.
      this.broadcast = "";
      this.token = "";
    } else if (this.#heardEnded || end.code === 1000 || (end.code >= 4400 && !hasNoRoomNow)) return this.#settle(end);
    // A test that is over does not wait for it.
    setTimeout(() => this.#connect(), hasNoRoomNow ? NO_ROOM_RETRY_MS : RETRY_MS).unref();
  }
}

/** Connects by hand, for tests of what a well-behaved client never does; resolves when the upgrade is done. */
export async function rawConnection(url: string, channel: string, query = ""): Promise<RawConnection> {
  const socket = new WebSocket(`${url.replace("http", "ws")}/publish/${channel}${query}`, PUBLISH_SUBPROTOCOL);
  const connection = new RawConnection(socket);
  await once(socket, "open");
  return connection;
}

/** A socket and what the server has said on it. */
export class RawConnection {
  readonly socket: WebSocket;
  readonly heard: ReturnType<typeof publishServerMessage.parse>[] = [];
  readonly ended: Promise<PublisherEnd>;

  constructor(socket: WebSocket) {
    this.socket = socket;
    socket.on("message", (data) => this.heard.push(publishServerMessage.parse(JSON.parse(String(data)))));
    socket.on("error", () => {});
    this.ended = new Promise((resolve) => {
      socket.on("close", (code, reason) => resolve({ code, reason: String(reason) }));
    });
  }

  /** Waits for `ready`. */
  async ready(): Promise<{ broadcast: string; resume: string; offset: number }> {
    const first = await until(
      { what: "for the server to be ready", limitMs: LIMIT_MS, everyMs: 5 },
      () => this.heard[0],
    );
    if (first.type !== "ready") throw new Error(`the server began with ${first.type}`);
    return first;
  }
}

import { LiveError } from "../core/errors.ts";
import {
  type ContainerEvent,
  type ContainerKind,
  type ContainerScanner,
  createScanner,
  sniffContainer,
} from "../media/container.ts";
import type { Broadcast, BroadcastEnd } from "./broadcast.ts";

/** Makes the broadcast once the container is known. */
export type CreateBroadcast = (kind: ContainerKind, scanner: ContainerScanner) => Promise<Broadcast>;

/** Bytes that are kept back until the header is complete; padding counts, too. */
const MAX_HEAD_BYTES = 8 * 1024 * 1024;

/**
 * One publisher's hold on a channel. The first bytes are kept back until they prove to be the header of a container
 * that can be used; up to there everything can be refused and leaves no trace. Then the broadcast begins.
 */
export class Publication {
  readonly #create: CreateBroadcast;
  readonly #release: () => void;
  readonly #head: Uint8Array[] = [];
  readonly #events: ContainerEvent[] = [];
  #headBytes = 0;
  #scanner: ContainerScanner | undefined;
  #broadcast: Broadcast | undefined;
  #beginning: Promise<Broadcast> | undefined;
  readonly #stop = new AbortController();
  #leaving = false;
  #gone: () => void = () => {};
  /** Resolves when the channel is free again. Never rejects. */
  readonly gone: Promise<void>;

  constructor(create: CreateBroadcast, release: () => void) {
    this.#create = create;
    this.gone = new Promise((resolve) => {
      this.#gone = resolve;
    });
    this.#release = () => {
      release();
      this.#gone();
    };
  }

  /** The publisher has gone, and what it left is being completed: who comes next need only wait for {@link gone}. */
  get isLeaving(): boolean {
    return this.#leaving;
  }

  /** The publisher has gone; {@link finish} will follow. */
  leave(): void {
    this.#leaving = true;
  }

  /** The broadcast's id, once there is one. */
  get id(): string | undefined {
    return this.#broadcast?.id;
  }

  /** Aborts when the server ends the broadcast: the publisher is to be told and let go. */
  get stopped(): AbortSignal {
    return this.#stop.signal;
  }

  /**
   * Takes the next bytes; resolves when more may come. One call at a time. Rejects with `bad_container` when this is no
   * container that can be used, with `no_room` when it cannot be stored.
   */
  async write(bytes: Uint8Array): Promise<void> {
    this.#stop.signal.throwIfAborted();
    if (this.#broadcast !== undefined) return this.#broadcast.accept(bytes);
    if (bytes.byteLength === 0) return;
    this.#head.push(bytes);
    this.#headBytes += bytes.byteLength;
    const scanner = this.#understand();
    if (scanner === undefined) return;
    const init = this.#events.find((event) => event.type === "init");
    if (init === undefined) {
      if (this.#headBytes <= MAX_HEAD_BYTES) return;
      throw new LiveError("bad_container", `no tracks are declared within the first ${MAX_HEAD_BYTES} bytes`);
    }
    this.#beginning = this.#create(init.kind, scanner);
    this.#broadcast = await this.#beginning;
    const events = this.#events.splice(0);
    await this.#broadcast.take(Buffer.concat(this.#head.splice(0)), () => events);
  }

  /**
   * The publisher is done, or gone. Resolves with the id when the archive is complete, rejects with `bad_container`
   * when the header never was.
   */
  async finish(end: BroadcastEnd): Promise<string> {
    this.leave();
    try {
      const broadcast = await this.#beginning;
      if (broadcast === undefined) throw this.#noHeader();
      await broadcast.end(end);
      return broadcast.id;
    } finally {
      this.#release();
    }
  }

  /** The server ends it, while its publisher still sends; `why` is told to the publisher. */
  async stop(why: string): Promise<void> {
    this.#stop.abort(new LiveError("forbidden", why));
    const broadcast = await this.#beginning?.catch(() => undefined);
    await broadcast?.end({ reason: "stopped" });
    this.#release();
  }

  #understand(): ContainerScanner | undefined {
    if (this.#scanner !== undefined) {
      this.#events.push(...this.#scanner.push(this.#head.at(-1) ?? new Uint8Array(0)));
      return this.#scanner;
    }
    const head = Buffer.concat(this.#head);
    const family = sniffContainer(head);
    if (family === undefined) return undefined;
    if (family === "unknown") {
      const start = head.subarray(0, 4).toString("hex");
      throw new LiveError("bad_container", `neither WebM, Matroska nor MP4: the first bytes are ${start}`);
    }
    this.#scanner = createScanner(family);
    this.#events.push(...this.#scanner.push(head));
    return this.#scanner;
  }

  #noHeader(): LiveError {
    const received = this.#head.reduce((sum, chunk) => sum + chunk.byteLength, 0);
    if (received === 0) return new LiveError("bad_container", "nothing was sent");
    return new LiveError("bad_container", `the stream ended inside its header, after ${received} bytes`);
  }
}

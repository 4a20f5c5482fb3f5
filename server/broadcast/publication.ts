import { LiveError } from "../core/errors.ts";
import type { ContainerEvent, ContainerKind, ContainerScanner } from "../media/container.ts";
import { OpeningScanner } from "../media/opening-scanner.ts";
import type { Broadcast, BroadcastEnd } from "./broadcast.ts";
import { Pace } from "./pace.ts";

/** Makes the broadcast once the container is known. */
export type CreateBroadcast = (kind: ContainerKind, scanner: ContainerScanner) => Promise<Broadcast>;

/** What a publication is made with. */
export interface PublicationOptions {
  /** The id of its broadcast. */
  readonly id: string;
  readonly create: CreateBroadcast;
  /** How fast its bytes are taken, in kbit/s. */
  readonly maxKbps: number;
  /** What reads its bytes; without one the container is told by the first of them. */
  readonly scanner?: ContainerScanner | undefined;
  /** Frees the channel. */
  readonly release: () => void;
}

/** Bytes that are kept back until the header is complete; padding counts, too. */
const MAX_HEAD_BYTES = 8 * 1024 * 1024;

/**
 * One publisher's hold on a channel. The first bytes are kept back until they prove to be the header of a container
 * that can be used; up to there everything can be refused and leaves no trace. Then the broadcast begins.
 */
export class Publication {
  /** The id of its broadcast, also before that has begun. */
  readonly id: string;
  /** Resolves when the channel is free again. Never rejects. */
  readonly gone: Promise<void>;
  readonly #create: CreateBroadcast;
  readonly #release: () => void;
  readonly #head: Uint8Array[] = [];
  readonly #stop = new AbortController();
  readonly #pace: Pace;
  #wasTooFast = false;
  #events: ContainerEvent[] = [];
  #headBytes = 0;
  #scanner: ContainerScanner;
  #broadcast: Broadcast | undefined;
  #beginning: Promise<Broadcast> | undefined;
  #leaving = false;

  constructor({ id, create, scanner = new OpeningScanner(), maxKbps, release }: PublicationOptions) {
    this.id = id;
    this.#scanner = scanner;
    this.#pace = new Pace(maxKbps);
    this.#create = create;
    let setGone = () => {};
    this.gone = new Promise((resolve) => {
      setGone = resolve;
    });
    this.#release = () => {
      release();
      setGone();
    };
  }

  /** Goes on with a broadcast that an earlier life of the server began. */
  static of(broadcast: Broadcast, options: Pick<PublicationOptions, "maxKbps" | "release">): Publication {
    const publication = new Publication({ ...options, id: broadcast.id, create: async () => broadcast });
    publication.#broadcast = broadcast;
    publication.#beginning = Promise.resolve(broadcast);
    return publication;
  }

  /** The publisher has gone, and what it left is being completed: who comes next need only wait for {@link gone}. */
  get isLeaving(): boolean {
    return this.#leaving;
  }

  /** The publisher has gone; {@link finish} will follow. */
  leave(): void {
    this.#leaving = true;
  }

  /** The broadcast, once its header is complete. */
  get broadcast(): Broadcast | undefined {
    return this.#broadcast;
  }

  /** Bytes taken so far. */
  get taken(): number {
    return this.#broadcast?.log.length ?? this.#headBytes;
  }

  /** Aborts when the server ends the broadcast: the publisher is to be told and let go. */
  get stopped(): AbortSignal {
    return this.#stop.signal;
  }

  /**
   * Takes the next bytes; {@link room} says when more may come. One call at a time. Rejects with `bad_container` when
   * this is no container that can be used, with `no_room` when it cannot be stored.
   */
  async write(bytes: Uint8Array): Promise<void> {
    this.#stop.signal.throwIfAborted();
    this.#pace.add(bytes.byteLength);
    if (this.#broadcast !== undefined) return this.#broadcast.accept(bytes);
    if (bytes.byteLength === 0) return;
    this.#head.push(bytes);
    this.#headBytes += bytes.byteLength;
    this.#events.push(...this.#scanner.push(bytes));
    const init = this.#events.find((event) => event.type === "init");
    if (init === undefined) {
      if (this.#headBytes <= MAX_HEAD_BYTES) return;
      throw new LiveError("bad_container", `no tracks are declared within the first ${MAX_HEAD_BYTES} bytes`);
    }
    this.#beginning = this.#create(init.kind, this.#scanner);
    this.#broadcast = await this.#beginning;
    const events = this.#events.splice(0);
    await this.#broadcast.take(Buffer.concat(this.#head.splice(0)), () => events);
  }

  /** Resolves when the rate limit lets more come, or as soon as `gone` aborts. Others are told of the first wait. */
  async room(gone: AbortSignal): Promise<void> {
    if (this.#pace.isExceeded && !this.#wasTooFast) {
      this.#wasTooFast = true;
      const limit = `${this.#pace.kbps} kbit/s (MILLRACE_MAX_KBPS)`;
      this.#broadcast?.notify(`The publisher sends faster than the ${limit} at which it is taken, and has to wait.`);
    }
    await this.#pace.room(gone);
  }

  /** The next byte begins a new container. Resolves when it may come. */
  async restart(): Promise<void> {
    this.#stop.signal.throwIfAborted();
    if (this.#broadcast !== undefined) return this.#broadcast.restart();
    this.#scanner = new OpeningScanner(this.#headBytes);
    this.#events = [];
  }

  /**
   * The publisher is done, or gone. Resolves with the id when the archive is complete; rejects with `bad_container` when
   * the header never was, with `no_room` when the last bytes could not be stored.
   */
  async finish(end: BroadcastEnd): Promise<string> {
    this.leave();
    try {
      const broadcast = await this.#beginning;
      if (broadcast === undefined) throw this.#noHeader();
      const actual = await broadcast.end(end);
      if (actual.reason === "failed" && end.reason !== "failed") throw actual.error;
      return broadcast.id;
    } finally {
      this.#release();
    }
  }

  /** The server ends it, while its publisher still sends; `why` is told to the publisher. */
  async stop(why: LiveError): Promise<void> {
    this.#stop.abort(why);
    const broadcast = await this.#beginning?.catch(() => undefined);
    await broadcast?.end({ reason: "stopped" });
    this.#release();
  }

  #noHeader(): LiveError {
    if (this.#headBytes === 0) return new LiveError("bad_container", "nothing was sent");
    return new LiveError("bad_container", `the stream ended inside its header, after ${this.#headBytes} bytes`);
  }
}

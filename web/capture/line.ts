import type { PublishServerMessage } from "../../server/protocol/publish.ts";
import { type Awaited, Patience } from "./patience.ts";
import { type ConnectionClose, PublishConnection } from "./publish-connection.ts";
import { RetryWaits } from "./retry-waits.ts";

/** Beats a few times a second, also in the background, and tells when the network or the page may have come back. */
export type StartPulse = (listener: { onBeat(): void; onWake(): void }) => () => void;

/** Whose line it is. */
export interface LineOwner {
  /** Where the next connection goes. */
  address(): string;
  /** What the present connection is expected to do. */
  awaited(): Awaited | undefined;
  onMessage(message: PublishServerMessage): void;
  /** The other side closed the connection. Only {@link Line.retry} makes another one. */
  onClose(close: ConnectionClose): void;
  /** What was awaited did not come. */
  onSilence(): void;
}

/** One connection after the other to the same server, with waits in between. Its only clock is the pulse. */
export class Line {
  readonly #owner: LineOwner;
  readonly #waits = new RetryWaits();
  readonly #patience = new Patience();
  readonly #stopPulse: () => void;
  #connection: PublishConnection | undefined;
  #retryAtMs: number | undefined;

  constructor(owner: LineOwner, startPulse: StartPulse) {
    this.#owner = owner;
    this.#stopPulse = startPulse({ onBeat: () => this.#beat(), onWake: () => this.#wake() });
    this.#connect();
  }

  /** The present connection, open or not; undefined while waiting for the next attempt. */
  get connection(): PublishConnection | undefined {
    return this.#connection;
  }

  /** The server has let the present connection in. */
  connected(): void {
    this.#waits.connected(performance.now());
  }

  /** Gives the present connection up, and makes another one after a while. */
  retry(): void {
    this.#connection?.drop();
    this.#connection = undefined;
    const nowMs = performance.now();
    this.#retryAtMs = nowMs + this.#waits.next(nowMs);
  }

  /** Closes the present connection once everything has gone out, and makes no other. */
  close(): void {
    this.#stopPulse();
    this.#retryAtMs = undefined;
    this.#connection?.drop();
  }

  #connect(): void {
    this.#retryAtMs = undefined;
    this.#connection = new PublishConnection(this.#owner.address(), {
      onMessage: (message) => {
        this.#patience.heard();
        this.#owner.onMessage(message);
      },
      onClose: (close) => this.#owner.onClose(close),
    });
  }

  #beat(): void {
    const nowMs = performance.now();
    if (this.#retryAtMs !== undefined && nowMs >= this.#retryAtMs) this.#connect();
    const awaited = this.#retryAtMs === undefined ? this.#owner.awaited() : undefined;
    if (this.#patience.beat(awaited, nowMs)) this.#owner.onSilence();
  }

  #wake(): void {
    if (this.#retryAtMs !== undefined) this.#connect();
    else this.#patience.suspect();
  }
}

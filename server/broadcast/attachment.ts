import type { LiveError } from "../core/errors.ts";
import type { Secret } from "../core/secret.ts";

/** What an {@link Attachment} acts on. Everything is refused to one that is not the newest any more. */
export interface Hold {
  readonly id: string;
  readonly taken: number;
  readonly kept: number;
  readonly trouble: LiveError | undefined;
  write(by: Attachment, bytes: Uint8Array): Promise<void>;
  room(gone: AbortSignal): Promise<void>;
  restart(by: Attachment): Promise<void>;
  end(by: Attachment): Promise<void>;
  leave(by: Attachment): void;
}

/** One connection's turn at a resumable publication: over when it leaves, and when another one comes. */
export class Attachment {
  /** The resume token that it showed or was given. */
  readonly token: Secret;
  readonly #hold: Hold;
  readonly #stop = new AbortController();

  constructor(hold: Hold, token: Secret) {
    this.#hold = hold;
    this.token = token;
  }

  /** The broadcast's id. */
  get broadcast(): string {
    return this.#hold.id;
  }

  /** Bytes of the broadcast that have been taken: the publisher goes on here. */
  get taken(): number {
    return this.#hold.taken;
  }

  /** Bytes of the broadcast that are in the archive file. */
  get kept(): number {
    return this.#hold.kept;
  }

  /** Why what has been taken cannot be stored, for now; undefined when all is well. */
  get trouble(): LiveError | undefined {
    return this.#hold.trouble;
  }

  /** Aborts when the connection is to be closed; the reason is an error whose message the publisher may read. */
  get stopped(): AbortSignal {
    return this.#stop.signal;
  }

  /** Takes the next bytes, one call at a time; {@link room} says when more may come. */
  write(bytes: Uint8Array): Promise<void> {
    return this.#hold.write(this, bytes);
  }

  /** Resolves when the rate limit lets more come, or as soon as `gone` aborts. */
  room(gone: AbortSignal): Promise<void> {
    return this.#hold.room(gone);
  }

  /** The next byte begins a new container; resolves when it may come. */
  restart(): Promise<void> {
    return this.#hold.restart(this);
  }

  /** The broadcast is over; resolves when its archive is final. */
  end(): Promise<void> {
    return this.#hold.end(this);
  }

  /** The connection is gone, and what it sent has been written. The broadcast waits for the next one. */
  leave(): void {
    this.#hold.leave(this);
  }

  /** Ends the connection's turn from the server's side. */
  detach(why: LiveError): void {
    this.#stop.abort(why);
  }
}

import type { LiveError } from "../core/errors.ts";
import type { Secret } from "../core/secret.ts";
import type { ContainerScanner } from "../media/container.ts";

/** Why a publication is over, as its connection saw it. */
export type PublicationEnd =
  | { readonly reason: "finished" | "disconnected" }
  | { readonly reason: "failed"; readonly error: unknown };

/** One publisher's hold on a channel. */
export interface Publication {
  /** Aborts when the server ends it; the reason is an error whose message the publisher may read. */
  readonly stopped: AbortSignal;
  /** Takes the next bytes, one call at a time; {@link room} says when more may come. Rejects when they cannot be used or kept. */
  write(bytes: Uint8Array): Promise<void>;
  /** Resolves when the rate limit lets more come, or as soon as `gone` aborts: wait for it after each {@link write}. */
  room(gone: AbortSignal): Promise<void>;
  /** The publisher has gone; {@link finish} follows when its last bytes are written. */
  leave(): void;
  /** Resolves with the broadcast's id when its archive is complete; rejects when it never became a broadcast. */
  finish(end: PublicationEnd): Promise<string>;
}

/** One connection's turn at a broadcast that outlives its connections. */
export interface Attachment {
  /** The broadcast's id. */
  readonly broadcast: string;
  /** What the publisher's next connection must show. */
  readonly token: Secret;
  /** Bytes of the broadcast that have been taken: the publisher goes on here. */
  readonly taken: number;
  /** Bytes of the broadcast that are in the archive file. */
  readonly kept: number;
  /** Why what has been taken cannot be stored, for now; undefined when all is well. */
  readonly trouble: LiveError | undefined;
  /** Aborts when the server ends the turn; the reason is an error whose message the publisher may read. */
  readonly stopped: AbortSignal;
  /** Takes the next bytes, one call at a time; {@link room} says when more may come. Rejects when they cannot be used or kept. */
  write(bytes: Uint8Array): Promise<void>;
  /** Resolves when the rate limit lets more come, or as soon as `gone` aborts: wait for it after each {@link write}. */
  room(gone: AbortSignal): Promise<void>;
  /** The next byte begins a new container; resolves when it may come. */
  restart(): Promise<void>;
  /** The broadcast is over; resolves when its archive is final. */
  end(): Promise<void>;
  /** The connection is gone and all that it sent has been written. */
  leave(): void;
}

/** What a connection shows to go on with a broadcast. */
export interface ResumeRequest {
  /** The broadcast's id. */
  readonly broadcast: string;
  readonly token: Secret;
}

/** What every way in is made with. */
export interface IngestOptions {
  readonly publishing: Publishing;
  /** How long a publisher may send nothing. */
  readonly idleMs: number;
}

/** Who wants to publish where. */
export interface Publisher {
  readonly channel: string;
  readonly key: string | undefined;
  /** The address it comes from, as the socket tells it. */
  readonly address: string | undefined;
}

/** Leave to publish, for the one who was admitted. */
export interface Permit {
  /**
   * Takes the channel. Throws when somebody else has taken it since. `scanner` reads bytes whose container their
   * beginning does not tell.
   */
  publish(scanner?: ContainerScanner): Publication;
}

/** Where publishers are let in. */
export interface Publishing {
  /** Rejects with why this publisher is refused; waits for one that is on its way out. */
  admit(publisher: Publisher): Promise<Permit>;
  /** Takes the channel for a publisher that may come back; rejects like {@link admit}. */
  begin(publisher: Publisher): Promise<Attachment>;
  /** Goes on with a broadcast in the place of its last connection; rejects with `not_found` when there is none. */
  resume(publisher: Publisher, request: ResumeRequest): Promise<Attachment>;
}

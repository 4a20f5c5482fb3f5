/** Why a publication is over, as its connection saw it. */
export type PublicationEnd =
  | { readonly reason: "finished" | "disconnected" }
  | { readonly reason: "failed"; readonly error: unknown };

/** One publisher's hold on a channel. */
export interface Publication {
  /** Aborts when the server ends it; the reason is an error whose message the publisher may read. */
  readonly stopped: AbortSignal;
  /** Takes the next bytes, one call at a time; resolves when more may come. Rejects when they cannot be used or kept. */
  write(bytes: Uint8Array): Promise<void>;
  /** The publisher has gone; {@link finish} follows when its last bytes are written. */
  leave(): void;
  /** Resolves with the broadcast's id when its archive is complete; rejects when it never became a broadcast. */
  finish(end: PublicationEnd): Promise<string>;
}

/** Where publishers are let in. */
export interface Publishing {
  /** Rejects with why a publisher of `channel` with `key` would be refused; waits for one that is on its way out. */
  check(channel: string, key: string | undefined): Promise<void>;
  /** Takes the channel; throws like {@link check}. */
  publish(channel: string, key: string | undefined): Publication;
}

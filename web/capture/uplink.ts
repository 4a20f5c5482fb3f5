/** Where a broadcast goes. */
export interface UplinkTarget {
  readonly channel: string;
  readonly key: string;
  readonly mimeType: string;
}

/** How a broadcast's connection ended for good. `text` is for people. */
export type UplinkEnd = { readonly kind: "finished" } | { readonly kind: "lost"; readonly text: string };

/**
 * The way from this page to the server. It keeps what the server has not acknowledged, makes broken connections again
 * by itself and sends on from where the server is.
 */
export interface Uplink {
  /** Bytes recorded so far. */
  readonly producedBytes: number;
  /** Bytes that the server has in its archive. */
  readonly acknowledgedBytes: number;
  /** How much recorded time the server has not acknowledged yet, in ms. */
  readonly keptMs: number;
  /** So much is kept that nothing more may be recorded. */
  readonly isFull: boolean;
  /** Settles once, whoever ends it. Never rejects. */
  readonly ended: Promise<UplinkEnd>;
  /** What is sent from now on is a new container; say so before the first one, too. */
  beginContainer(mimeType: string): void;
  send(data: Blob): void;
  /** Lets everything arrive, however long that takes, then ends the broadcast. Resolves with `ended`. */
  finish(): Promise<UplinkEnd>;
  /** Ends at once, as a page must that is being left. */
  abandon(): void;
}

/** What an uplink tells while it lives. */
export interface UplinkReport {
  /** The connection broke and is being made again: true; it is back: false. */
  onReconnecting(reconnecting: boolean): void;
  /** What is recorded now cannot be used any more: it takes a new container. */
  onContainerWanted(): void;
  /** Something that the person should know, in words. */
  onNote(text: string): void;
}

/** Opens an uplink; rejects with a `CaptureFailure` in words when the server does not take the broadcast. */
export type ConnectUplink = (target: UplinkTarget, report: UplinkReport, signal: AbortSignal) => Promise<Uplink>;

/** Where a broadcast goes. */
export interface UplinkTarget {
  readonly channel: string;
  readonly key: string;
  readonly mimeType: string;
}

/** How a connection ended. `text` is for people. */
export type UplinkEnd = { readonly kind: "finished" } | { readonly kind: "lost"; readonly text: string };

/**
 * The way from this page to the server. The plain protocol sends bytes and ends with the socket; a resumable one
 * keeps what is not acknowledged, reconnects by itself and reports that through `onReconnecting`.
 */
export interface Uplink {
  /** Bytes handed over by `send` that have not left the page yet. */
  readonly queuedBytes: number;
  /** Bytes handed over by `send` so far. */
  readonly sentBytes: number;
  /** Settles once, whoever ends it. Never rejects. */
  readonly ended: Promise<UplinkEnd>;
  send(data: Blob): void;
  /** Lets what is queued go out, then ends the broadcast. Resolves with `ended`. */
  finish(): Promise<UplinkEnd>;
  /** Ends at once, as a page must that is being left. */
  abandon(): void;
}

/** What an uplink tells while it lives. */
export interface UplinkReport {
  /** The connection broke and is being made again: true; it is back: false. */
  onReconnecting(reconnecting: boolean): void;
}

/** Opens an uplink; rejects with a `CaptureFailure` in words when the server does not take the broadcast. */
export type ConnectUplink = (target: UplinkTarget, report: UplinkReport, signal: AbortSignal) => Promise<Uplink>;

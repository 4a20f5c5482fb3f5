import type { Readable } from "node:stream";
import type { Publication } from "../publishing.ts";

/** A source that is being read. Dispose it and nothing of it is left. */
export interface Pull extends AsyncDisposable {
  /** What it sends, in a container that can be published; what is not read is not pulled. */
  readonly output: Readable;
  /** Resolves when it has ended, rejects when it failed; the message may be shown to anyone. */
  readonly finished: Promise<void>;
}

/** What is to be read. */
export interface PullInput {
  readonly kind: "file" | "rtsp" | "hls" | "rtmp" | "srt" | "srt-listener";
  /** An absolute path or a complete address. */
  readonly location: string;
  /** The same, as it may be shown to anyone. */
  readonly shown: string;
  readonly passphrase?: string | undefined;
}

/** Where sources publish: like everybody else, but nobody asks them for a key. */
interface SourcePublishing {
  /** Rejects with why nobody could publish to `channel` now; waits for one that is on its way out. */
  check(channel: string): Promise<void>;
  publish(channel: string, options: { readonly isKept: boolean }): Publication;
  /** Whether a broadcast has begun there. */
  isLive(channel: string): boolean;
  /** Says something to those who look at the channel's broadcast. */
  notify(channel: string, text: string): void;
}

/** What all sources share. */
export interface SourceParts {
  readonly publishing: SourcePublishing;
  /** Starts to read. */
  readonly pull: (input: PullInput) => Pull;
  /** Whether somebody is connected to the channel, to watch it or to wait for it. */
  readonly isWatched: (channel: string) => boolean;
  /** How long a source may send nothing. */
  readonly idleMs: number;
  readonly report: (event: string, details: Record<string, unknown>) => void;
}

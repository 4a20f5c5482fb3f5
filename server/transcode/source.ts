import type { Pulse } from "../core/pulse.ts";
import type { ContainerKind, MediaTrack } from "../media/container.ts";

/** The publisher's bytes, as transcode needs them. */
export interface SourceLog {
  readonly ended: boolean;
  /** Offset behind the last byte. */
  readonly length: number;
  /** Offset of the oldest byte that is still there. */
  readonly start: number;
  slice(from: number, to: number): Promise<Uint8Array>;
  follow(options: {
    readonly from: number;
    readonly until?: () => number | undefined;
    readonly signal: AbortSignal;
  }): AsyncIterable<Uint8Array>;
}

/** Where decoding can start. */
export interface SourcePoint {
  readonly offset: number;
  readonly time: number;
  readonly arrivedMs: number;
  readonly preamble?: Uint8Array;
}

/** One container of the broadcast, as transcode needs it. Times in seconds on the publisher's clock. */
export interface SourceEpoch {
  /** 0 for the first of a broadcast. */
  readonly number: number;
  readonly kind: ContainerKind;
  readonly tracks: readonly MediaTrack[];
  readonly init: { readonly offset: number; readonly end: number };
  readonly arrivedMs: number;
  /** Where it begins, when that is not behind its init bytes. */
  readonly begins: SourcePoint | undefined;
  readonly end: number | undefined;
  readonly firstTime: number | undefined;
  readonly firstKeyTime: number | undefined;
  /** Of any track. */
  readonly newestTime: number;
  readonly longestKeyInterval: number;
  readonly newestResync: SourcePoint | undefined;
  resyncBefore(time: number): SourcePoint | undefined;
  resyncAfter(offset: number): SourcePoint | undefined;
  /** The time of the first picture at or after `time`; undefined where that is not known. */
  pictureAfter(time: number): number | undefined;
  /** The time of the resync point at exactly `offset`; undefined when it is none that is known. */
  timeAt(offset: number): number | undefined;
}

/** The broadcast, as transcode needs it. */
export interface Source {
  readonly log: SourceLog;
  readonly epochs: readonly SourceEpoch[];
  readonly changed: Pulse;
  notify(text: string): void;
}

import { setTimeout as sleep } from "node:timers/promises";
import { monotonicMs, wallMs } from "../core/clock.ts";
import { LiveError } from "../core/errors.ts";
import type { Feed } from "./feed.ts";
import type { Source, SourceEpoch } from "./source.ts";

/** Encoding further behind the publisher than this skips to the newest resync point. */
const MAX_LAG_MS = 30_000;
/** An encoder that takes nothing and gives nothing for this long, with bytes waiting, is started anew. */
const MAX_STALL_MS = 8_000;
/** How often the lag is looked at. */
const CHECK_MS = 1_000;

/** A run of the encoder that is watched. */
export interface WatchedRun {
  readonly source: Source;
  readonly epoch: SourceEpoch;
  readonly feed: Feed;
  /** Up to where it has published, in seconds. */
  readonly published: () => number | undefined;
  /** Ends the watch. */
  readonly signal: AbortSignal;
}

/**
 * Resolves when the encoder is too far behind a publisher who is still live. What had arrived before `sinceMs` (Unix
 * time), when nobody could have encoded it yet, counts from then.
 */
export async function fallsBehind({ source, epoch, feed, signal }: WatchedRun, sinceMs: number): Promise<void> {
  while (!source.log.ended && epoch.end === undefined) {
    if (await isCutShort(sleep(CHECK_MS, undefined, { signal }))) return forever();
    const waiting = epoch.resyncAfter(feed.offset);
    if (waiting === undefined || source.log.ended) continue;
    if (wallMs() - Math.max(waiting.arrivedMs, sinceMs) > MAX_LAG_MS) return;
  }
  return forever();
}

/**
 * Resolves when the encoder has done nothing for too long although there is something to do. Nothing to do is no fault:
 * the publisher may be away.
 */
export async function stalls({ source, epoch, feed, published, signal }: WatchedRun): Promise<LiveError> {
  let progress = "";
  let sinceMs = monotonicMs();
  while (true) {
    if (await isCutShort(sleep(CHECK_MS, undefined, { signal }))) return forever();
    const now = `${feed.offset} ${published()}`;
    const { ended, length } = source.log;
    const isIdle = !ended && epoch.end === undefined && feed.offset >= length;
    if (now !== progress || isIdle) sinceMs = monotonicMs();
    progress = now;
    if (monotonicMs() - sinceMs > MAX_STALL_MS) {
      return new LiveError("encoder_failed", `FFmpeg did nothing for ${MAX_STALL_MS / 1000} s`);
    }
  }
}

/** Whether a wait was ended by its signal before what it waited for came. */
export function isCutShort(wait: Promise<unknown>): Promise<boolean> {
  return wait.then(
    () => false,
    () => true,
  );
}

/** A wait that its race has already lost: it holds nothing and is collected with the race. */
export function forever(): Promise<never> {
  return new Promise(() => {});
}

import { setTimeout as sleep } from "node:timers/promises";
import { monotonicMs, wallMs } from "../core/clock.ts";
import { LiveError } from "../core/errors.ts";
import type { Feed } from "./feed.ts";
import type { Source, SourceEpoch } from "./source.ts";

/** What an encoder is allowed. */
export interface WatchLimits {
  /** Encoding further behind the publisher than this skips to the newest resync point. */
  readonly lagMs: number;
  /** An encoder that takes nothing and gives nothing for this long, with bytes waiting, is started anew. */
  readonly stallMs: number;
  /** The same for one that has not given anything yet: it has to look at what it gets first. */
  readonly startMs: number;
  /** How often it is looked at. */
  readonly checkMs: number;
}

const LIMITS: WatchLimits = { lagMs: 30_000, stallMs: 4_000, startMs: 8_000, checkMs: 500 };

/** A run of the encoder that is watched. */
export interface WatchedRun {
  readonly source: Source;
  readonly epoch: SourceEpoch;
  readonly feed: Feed;
  /** Up to where it has published, in seconds. */
  readonly published: () => number | undefined;
  /** What that adds to the publisher's times. */
  readonly offsetSeconds: number;
  /** Ends the watch. */
  readonly signal: AbortSignal;
}

/**
 * Resolves when the encoder is too far behind a publisher who is still live. What had arrived before `sinceMs` (Unix
 * time), when nobody could have encoded it yet, counts from then. Nobody is behind who has published more media than time
 * went by: a file that is sent as fast as it goes is not live, and nothing of it is left out.
 */
export async function fallsBehind(run: WatchedRun, sinceMs: number, limits = LIMITS): Promise<void> {
  const { source, epoch, feed, signal } = run;
  while (!source.log.ended && epoch.end === undefined) {
    if (await isCutShort(sleep(limits.checkMs, undefined, { signal }))) return forever();
    const waiting = epoch.resyncAfter(feed.offset);
    if (waiting === undefined || source.log.ended) continue;
    const isWaiting = wallMs() - Math.max(waiting.arrivedMs, sinceMs) > limits.lagMs;
    if (isWaiting && behindClockMs(run) > limits.lagMs) return;
  }
  return forever();
}

/** How much less media is published than time has gone by since the first of it arrived. */
function behindClockMs({ epoch, published, offsetSeconds }: WatchedRun): number {
  const begin = (epoch.firstTime ?? 0) + offsetSeconds;
  return wallMs() - epoch.arrivedMs - ((published() ?? begin) - begin) * 1000;
}

/**
 * Resolves when the encoder has done nothing for too long although there is something to do. Nothing to do is no fault:
 * the publisher may be away.
 */
export async function stalls(run: WatchedRun, limits = LIMITS): Promise<LiveError> {
  const { source, epoch, feed, published, signal } = run;
  const before = published();
  let progress = "";
  let sinceMs = monotonicMs();
  while (true) {
    if (await isCutShort(sleep(limits.checkMs, undefined, { signal }))) return forever();
    const now = `${feed.offset} ${published()}`;
    const { ended, length } = source.log;
    const isIdle = !ended && epoch.end === undefined && feed.offset >= length;
    if (now !== progress || isIdle) sinceMs = monotonicMs();
    progress = now;
    const limitMs = published() === before ? limits.startMs : limits.stallMs;
    if (monotonicMs() - sinceMs > limitMs) {
      return new LiveError("encoder_failed", `FFmpeg did nothing for ${limitMs / 1000} s`);
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

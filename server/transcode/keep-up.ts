import { setTimeout as sleep } from "node:timers/promises";
import { monotonicMs } from "../core/clock.ts";
import { forever, isCutShort, type WatchedRun } from "./watch.ts";

/** When an encoder counts as too slow. */
export interface KeepUpLimits {
  /** So much later than it could be is what it publishes. */
  readonly lostMs: number;
  /** How often it is looked at. */
  readonly checkMs: number;
}

const LIMITS: KeepUpLimits = { lostMs: 4_000, checkMs: 500 };

/** Between two looks nothing counts for more than this: then this process itself was held up. */
const MOST_PER_CHECK = 3;

/**
 * Resolves when the encoder has lost too much against the clock: while there was something for it to do all the time, it
 * has made so much less media than time went by. A publisher that sends slowly, or that sends a whole file at once to an
 * encoder that is faster than real time, makes nobody lose anything.
 *
 * `slowest`: up to where the picture that has come least far is published, in seconds.
 */
export async function losesGround(run: WatchedRun, slowest: () => number | undefined, limits = LIMITS): Promise<void> {
  const { source, epoch, feed, signal } = run;
  let lostMs = 0;
  let last = { ms: monotonicMs(), media: slowest(), isBusy: false };
  // What is before its first picture is its start.
  const from = last.media;
  while (!source.log.ended && epoch.end === undefined) {
    if (await isCutShort(sleep(limits.checkMs, undefined, { signal }))) return forever();
    const now = { ms: monotonicMs(), media: slowest(), isBusy: feed.offset < source.log.length };
    const hasBegun = last.media !== undefined && last.media !== from;
    if (!now.isBusy) lostMs = 0;
    else if (hasBegun && last.isBusy) lostMs = Math.max(0, lostMs + lossBetween(last, now, limits));
    if (lostMs > limits.lostMs) return;
    last = now;
  }
  return forever();
}

interface Look {
  readonly ms: number;
  readonly media: number | undefined;
}

function lossBetween(last: Look, now: Look, { checkMs }: KeepUpLimits): number {
  const passedMs = now.ms - last.ms;
  const lostMs = passedMs - ((now.media ?? 0) - (last.media ?? 0)) * 1000;
  return lostMs * Math.min(1, (MOST_PER_CHECK * checkMs) / passedMs);
}

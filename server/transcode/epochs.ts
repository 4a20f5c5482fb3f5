import type { Source, SourceEpoch } from "./source.ts";

/** Waits for an epoch and its first frame, those without one left out; undefined when the broadcast ends before. */
export async function nextEpoch(source: Source, number: number, signal: AbortSignal): Promise<SourceEpoch | undefined> {
  for (let at = number; ; ) {
    const epoch = source.epochs[at];
    if (epoch?.firstTime !== undefined) return epoch;
    if (epoch?.end !== undefined) at += 1;
    else if (source.log.ended) return undefined;
    else await source.changed.wait(signal);
  }
}

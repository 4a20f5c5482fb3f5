import type { Broadcast } from "./broadcast/broadcast.ts";
import { monotonicMs } from "./core/clock.ts";
import type { Presentation } from "./packaging/presentation.ts";
import type { EncoderStats, IngestStats } from "./protocol/stats.ts";

/** Rates are over so much of the past. */
const OVER_MS = 4_000;

/** A count at a moment. */
interface Reading {
  readonly atMs: number;
  readonly bytes: number;
  readonly pictures: number;
}

/** Measures what one broadcast's publisher sends. Ask it now and then: rates are between the times that it is asked. */
export class IngestMeter {
  readonly #broadcast: Broadcast;
  #readings: Reading[] = [];

  constructor(broadcast: Broadcast) {
    this.#broadcast = broadcast;
    this.#read();
  }

  measure(): IngestStats {
    const { log, epochs } = this.#broadcast;
    const now = this.#read();
    const then = this.#readings[0] ?? now;
    const seconds = (now.atMs - then.atMs) / 1000;
    const perSecond = (amount: number) => (seconds === 0 ? 0 : amount / seconds);
    const epoch = epochs.at(-1);
    const video = epoch?.tracks.find(({ kind }) => kind === "video");
    return {
      kbps: Math.round(perSecond((now.bytes - then.bytes) * 8) / 1000),
      frameRate: video === undefined ? null : Number(perSecond(now.pictures - then.pictures).toFixed(2)),
      keyIntervalSeconds: video === undefined ? null : Number((epoch?.longestKeyInterval ?? 0).toFixed(3)),
      width: video?.width ?? null,
      height: video?.height ?? null,
      containers: epochs.length,
      queuedBytes: Math.max(0, log.length - log.written),
    };
  }

  #read(): Reading {
    const { log, epochs } = this.#broadcast;
    const pictures = epochs.reduce((sum, epoch) => sum + epoch.pictures, 0);
    const reading = { atMs: monotonicMs(), bytes: log.length, pictures };
    const oldest = this.#readings.findLastIndex(({ atMs }) => reading.atMs - atMs >= OVER_MS);
    this.#readings = [...this.#readings.slice(Math.max(0, oldest)), reading];
    return reading;
  }
}

/** How the encoder of a broadcast does. */
export function encoderStats(
  presentation: Presentation,
  { restarts, failure }: Pick<EncoderStats, "restarts" | "failure">,
): EncoderStats {
  const { tracks } = presentation;
  const delays = tracks.map(({ firstChunkSeconds }) => Math.round(firstChunkSeconds * 1000));
  const delayMs = delays.length === 0 ? null : Math.max(...delays);
  return { delayMs, restarts, failure, renditions: tracks.length };
}

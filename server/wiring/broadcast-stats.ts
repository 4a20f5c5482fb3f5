import type { Broadcast } from "../broadcast/broadcast.ts";
import { monotonicMs } from "../core/clock.ts";
import { cpuSecondsOf } from "../core/cpu-time.ts";
import type { Presentation } from "../packaging/presentation.ts";
import type { EncoderStats, IngestStats } from "../protocol/stats.ts";

/** Rates are over so much of the past. */
const OVER_MS = 4_000;
/** And over no less: a moment tells nothing. */
const LEAST_SECONDS = 1;

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

/** The encoder at a moment. */
interface EncoderReading {
  readonly atMs: number;
  readonly pid: number | undefined;
  readonly cpuSeconds: number | undefined;
  /** Up to where everything is published. */
  readonly mediaSeconds: number | undefined;
}

/** What an encoder tells of itself. */
export interface RunningEncoder {
  readonly pid: number | undefined;
  readonly behindSeconds: number | undefined;
}

/** Measures how the encoder of a broadcast does, between the times that it is asked. */
export class EncoderMeter {
  readonly #presentation: Presentation;
  #readings: EncoderReading[] = [];

  constructor(presentation: Presentation) {
    this.#presentation = presentation;
  }

  /** `encoder`: the process that encodes now, and how much of what came has not come out of it. */
  measure(encoder: RunningEncoder | undefined, rest: Pick<EncoderStats, "restarts" | "failure">): EncoderStats {
    const { tracks, end } = this.#presentation;
    const pid = encoder?.pid;
    const behind = encoder?.behindSeconds;
    const cpuSeconds = pid === undefined ? undefined : cpuSecondsOf(pid);
    const now = { atMs: monotonicMs(), pid, cpuSeconds, mediaSeconds: end };
    // Another process has a count of its own.
    const same = this.#readings.filter((reading) => reading.pid === pid);
    const oldest = same.findLastIndex(({ atMs }) => now.atMs - atMs >= OVER_MS);
    this.#readings = [...same.slice(Math.max(0, oldest)), now];
    const then = this.#readings[0] ?? now;
    const seconds = (now.atMs - then.atMs) / 1000;
    const perSecond = (from: number | undefined, to: number | undefined) =>
      from === undefined || to === undefined || seconds < LEAST_SECONDS ? null : Math.max(0, (to - from) / seconds);
    const cpu = perSecond(then.cpuSeconds, now.cpuSeconds);
    const speed = perSecond(then.mediaSeconds, now.mediaSeconds);
    return {
      delayMs: behind === undefined ? null : Math.round(behind * 1000),
      cpuPercent: cpu === null ? null : Number((cpu * 100).toFixed(1)),
      speed: speed === null ? null : Number(speed.toFixed(2)),
      renditions: tracks.length,
      ...rest,
    };
  }
}

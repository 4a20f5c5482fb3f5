import { readStrip, stripHeight } from "../capture/time-strip.ts";
import { measureClock } from "../ui/server-clock.ts";
import { Histogram } from "./histogram.ts";

/** Enough pixels for every cell of the strip; more would only cost time. */
const READ_WIDTH = 640;
/** The delay of now is that of the pictures shown in this time. */
const RECENT_MS = 1_000;
/** More pictures than this are not shown in that time. */
const MAX_RECENT = 120;
/** The server's clock is asked again after so long: machines' clocks drift. */
const CLOCK_MS = 60_000;

/** The delay from glass to glass of all pictures so far, in ms. */
export interface DelaySummary {
  readonly p5: number;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly pictures: number;
}

/** Sums up what was measured; undefined when nothing was. */
export function summarize(delays: Histogram): DelaySummary | undefined {
  const [p5, p50, p95, p99] = [0.05, 0.5, 0.95, 0.99].map((share) => delays.quantile(share));
  if (p5 === undefined || p50 === undefined || p95 === undefined || p99 === undefined) return undefined;
  return { p5, p50, p95, p99, pictures: delays.total };
}

/**
 * Reads the test card's time strip from each picture that is really shown: the true delay from glass to glass. It costs
 * a little for every picture, so it runs only while somebody wants to know.
 */
export class DelayMeter {
  readonly #video: HTMLVideoElement;
  readonly #read: () => number | undefined;
  readonly #delays = new Histogram();
  #recent: { readonly atMs: number; readonly delayMs: number }[] = [];
  #offsetMs: number | undefined;
  #askedMs = Number.NEGATIVE_INFINITY;
  #users = 0;
  #isReading = false;

  constructor(video: HTMLVideoElement) {
    this.#video = video;
    this.#read = stripReader(video);
  }

  /** Since the first picture that was read; undefined when there was none. */
  get summary(): DelaySummary | undefined {
    return summarize(this.#delays);
  }

  /** The middle delay of the last second, in ms; undefined when no test card is on screen. */
  get recentMs(): number | undefined {
    const since = performance.now() - RECENT_MS;
    this.#recent = this.#recent.filter(({ atMs }) => atMs > since);
    const sorted = this.#recent.map(({ delayMs }) => delayMs).sort((a, b) => a - b);
    return sorted[Math.floor(sorted.length / 2)];
  }

  /** Somebody wants to know; {@link release} says when they no longer do. */
  use(): void {
    this.#users += 1;
    if (!this.#isReading) this.#next();
  }

  release(): void {
    this.#users -= 1;
  }

  #next(): void {
    this.#isReading = this.#users > 0;
    if (!this.#isReading) return;
    this.#keepClock();
    this.#video.requestVideoFrameCallback?.((_now, { expectedDisplayTime }) => {
      this.#take(expectedDisplayTime);
      this.#next();
    });
  }

  #take(shownMs: number): void {
    const capturedMs = this.#offsetMs === undefined ? undefined : this.#read();
    if (capturedMs === undefined || this.#offsetMs === undefined) return;
    const delayMs = performance.timeOrigin + shownMs + this.#offsetMs - capturedMs;
    this.#delays.add(delayMs);
    this.#recent = [...this.#recent, { atMs: shownMs, delayMs }].slice(-MAX_RECENT);
  }

  #keepClock(): void {
    if (performance.now() - this.#askedMs < CLOCK_MS) return;
    this.#askedMs = performance.now();
    void measureClock().then(({ offsetMs, errorMs }) => {
      if (Number.isFinite(errorMs) || this.#offsetMs === undefined) this.#offsetMs = offsetMs;
    });
  }
}

function stripReader(video: HTMLVideoElement): () => number | undefined {
  const canvas = document.createElement("canvas");
  const painter = canvas.getContext("2d", { willReadFrequently: true });
  return () => {
    const { videoWidth, videoHeight } = video;
    const rows = stripHeight(videoHeight);
    if (painter === null || videoWidth === 0) return undefined;
    const width = Math.min(videoWidth, READ_WIDTH);
    // Setting a size empties the canvas and takes it from the renderer: only when it differs.
    if (canvas.width !== width) canvas.width = width;
    if (canvas.height !== rows) canvas.height = rows;
    painter.drawImage(video, 0, 0, videoWidth, rows, 0, 0, width, rows);
    return readStrip(painter.getImageData(0, 0, width, rows));
  };
}

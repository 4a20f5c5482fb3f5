import { readStrip, stripHeight } from "../capture/time-strip.ts";
import { find, setText } from "../ui/dom.ts";
import { measureClock } from "../ui/server-clock.ts";

/** Enough pixels for every cell of the strip; more would only cost time. */
const READ_WIDTH = 640;
const KEEP_MS = 10_000;
const SHOW_MS = 500;

/** One picture whose capture time was read. */
export interface DelaySample {
  readonly atMs: number;
  readonly delayMs: number;
}

/** The delay of the last seconds: middle and nearly worst, in ms. */
export interface DelaySummary {
  readonly p50: number;
  readonly p95: number;
  readonly pictures: number;
}

/** Sums up what was measured; undefined when nothing was. */
export function summarize(samples: readonly DelaySample[]): DelaySummary | undefined {
  const sorted = samples.map((sample) => sample.delayMs).sort((a, b) => a - b);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
  const [p50, p95] = [at(0.5), at(0.95)];
  return p50 === undefined || p95 === undefined ? undefined : { p50, p95, pictures: sorted.length };
}

/**
 * Reads the test card's time strip from each picture as it is shown, and shows the true delay from glass to glass on
 * the page: `#measure`, with `data-p50` and `data-p95` in ms for automation.
 */
export function startMeasuring(video: HTMLVideoElement): void {
  const output = find("#measure", HTMLElement);
  output.hidden = false;
  setText(output, "Measuring: play the test card.");
  let samples: DelaySample[] = [];
  const read = stripReader(video);
  void measureClock().then(({ offsetMs }) => {
    const onPicture: VideoFrameRequestCallback = (_now, { expectedDisplayTime }) => {
      const shownMs = performance.timeOrigin + expectedDisplayTime + offsetMs;
      const capturedMs = read();
      if (capturedMs !== undefined) samples.push({ atMs: shownMs, delayMs: shownMs - capturedMs });
      samples = samples.filter((sample) => sample.atMs > shownMs - KEEP_MS);
      video.requestVideoFrameCallback(onPicture);
    };
    video.requestVideoFrameCallback(onPicture);
  });
  setInterval(() => show(output, summarize(samples)), SHOW_MS);
}

function stripReader(video: HTMLVideoElement): () => number | undefined {
  const canvas = document.createElement("canvas");
  const painter = canvas.getContext("2d", { willReadFrequently: true });
  return () => {
    const { videoWidth, videoHeight } = video;
    const rows = stripHeight(videoHeight);
    if (painter === null || videoWidth === 0) return undefined;
    canvas.width = Math.min(videoWidth, READ_WIDTH);
    canvas.height = rows;
    painter.drawImage(video, 0, 0, videoWidth, rows, 0, 0, canvas.width, rows);
    return readStrip(painter.getImageData(0, 0, canvas.width, rows));
  };
}

function show(output: HTMLElement, summary: DelaySummary | undefined): void {
  if (summary === undefined) return;
  const [p50, p95] = [Math.round(summary.p50), Math.round(summary.p95)];
  Object.assign(output.dataset, { p50: String(p50), p95: String(p95), pictures: String(summary.pictures) });
  setText(output, `Glass to glass: ${p50} ms (95 % within ${p95} ms), over ${summary.pictures} pictures.`);
}

import { find, setText } from "../ui/dom.ts";
import type { DelayMeter } from "./delay-meter.ts";
import type { Witnessed } from "./picture-watch.ts";

const SHOW_MS = 500;

/**
 * Shows the true delay from glass to glass since the start on the page: `#measure`, with `data-p5`, `-p50`, `-p95` and
 * `-p99` in ms over `data-pictures`, `data-recent-p50` of the last second, `data-first-frame-ms`, `data-stalls` and
 * `data-longest-gap-ms`, for automation. What is shown before `afterMs` is not counted: `?measure-after=MS`.
 */
export function startMeasuring(meter: DelayMeter, witnessed: Witnessed, afterMs: number): void {
  const output = find("#measure", HTMLElement);
  output.hidden = false;
  setText(output, "Measuring: play the test card.");
  setTimeout(() => meter.use(), afterMs);
  setInterval(() => show(output, meter, witnessed), SHOW_MS);
}

function show(output: HTMLElement, { summary, recentMs }: DelayMeter, witnessed: Witnessed): void {
  const { firstFrameMs, stalls, longestGapMs } = witnessed;
  const whole = (ms: number) => String(Math.round(ms));
  Object.assign(output.dataset, { stalls: String(stalls), longestGapMs: whole(longestGapMs) });
  if (firstFrameMs !== undefined) output.dataset.firstFrameMs = whole(firstFrameMs);
  if (summary === undefined) return;
  const { p5, p50, p95, p99, pictures } = summary;
  Object.assign(output.dataset, { p5: whole(p5), p50: whole(p50), p95: whole(p95), p99: whole(p99) });
  if (recentMs !== undefined) output.dataset.recentP50 = whole(recentMs);
  output.dataset.pictures = String(pictures);
  const first = firstFrameMs === undefined ? "" : ` First picture after ${whole(firstFrameMs)} ms.`;
  const words = `Glass to glass: ${whole(p50)} ms (95 % within ${whole(p95)} ms), over ${pictures} pictures.`;
  setText(output, `${words}${first} Stalls: ${stalls}.`);
}

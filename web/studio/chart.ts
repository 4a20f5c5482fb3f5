import uPlot from "uplot";
import type { AudienceSample } from "../../server/protocol/stats.ts";
import { make, setText } from "../ui/dom.ts";
import type { ChartLine, ChartPlan } from "./chart-data.ts";
import { courseWords } from "./chart-words.ts";

const HEIGHT_PX = 140;
/** Room for `12.5 Mbit/s` beside the axis. */
const AXIS_PX = 74;
const TIME_AXIS_PX = 26;
/** Shorter courses leave room: a chart of ten seconds would look like news. */
const SHORTEST_S = 120;
const MINUTES_S = [60, 120, 300, 600];
const COUNTS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 100_000];
const FONT = "12px system-ui, sans-serif";

/** One chart with the same in words below it. Its colours follow the colour scheme, its width its place. */
export class Chart {
  readonly element: HTMLElement;
  readonly #plan: ChartPlan;
  readonly #place = make("div", { class: "plot", "aria-hidden": "true" });
  readonly #words: readonly HTMLElement[];
  readonly #plot: uPlot;

  constructor(plan: ChartPlan, signal: AbortSignal) {
    this.#plan = plan;
    this.#words = plan.lines.map(() => make("span", {}));
    const key = plan.lines.map(({ colour }, at) =>
      make(
        "p",
        { class: "chart-words" },
        make("span", { class: "chart-key", "data-colour": colour }),
        this.#words[at] ?? "",
      ),
    );
    this.element = make(
      "figure",
      { class: "chart" },
      make("figcaption", {}, make("h3", {}, plan.title), ...key),
      this.#place,
    );
    this.#plot = new uPlot(optionsOf(plan), emptyData(plan), this.#place);
    const redraw = () => this.#plot.redraw(false);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw, { signal });
    const sizes = new ResizeObserver(() => this.#fit());
    sizes.observe(this.#place);
    signal.addEventListener("abort", () => sizes.disconnect(), { once: true });
  }

  show(samples: readonly AudienceSample[]): void {
    const courses = this.#plan.lines.map(({ of }) => samples.map(of));
    this.#plot.setData([samples.map(({ at }) => Date.parse(at) / 1000), ...courses]);
    courses.forEach((course, at) => {
      const name = this.#plan.lines.length > 1 ? `${this.#plan.lines[at]?.name}: ` : "";
      const words = this.#words[at];
      if (words !== undefined) setText(words, `${name}${courseWords(course, this.#plan.format)}`);
    });
  }

  #fit(): void {
    const width = this.#place.clientWidth;
    if (width > 0 && width !== this.#plot.width) this.#plot.setSize({ width, height: HEIGHT_PX });
  }
}

function optionsOf({ lines, format, atLeast, isCount = false }: ChartPlan): uPlot.Options {
  const axis = { stroke: () => colourOf("--soft"), grid: { stroke: () => colourOf("--line"), width: 1 }, font: FONT };
  const none = { stroke: () => colourOf("--line"), width: 1, size: 4 };
  return {
    width: 320,
    height: HEIGHT_PX,
    legend: { show: false },
    cursor: { show: false },
    scales: {
      x: { range: (_plot, first, last) => [Math.min(first, last - SHORTEST_S), last] },
      y: { range: (_plot, _least, most) => [0, Math.max(atLeast, (most ?? 0) * 1.15)] },
    },
    axes: [
      {
        ...axis,
        ticks: none,
        size: TIME_AXIS_PX,
        space: 70,
        incrs: MINUTES_S,
        values: (_plot, seconds) => seconds.map(clockTime),
      },
      {
        ...axis,
        ticks: none,
        size: AXIS_PX,
        space: 28,
        values: (_plot, values) => values.map(format),
        ...(isCount ? { incrs: COUNTS } : {}),
      },
    ],
    series: [{}, ...lines.map(seriesOf)],
  };
}

function seriesOf({ name, colour }: ChartLine): uPlot.Series {
  return { label: name, stroke: () => colourOf(colour), width: 2, points: { show: false } };
}

function emptyData({ lines }: ChartPlan): uPlot.AlignedData {
  return [[], ...lines.map(() => [])];
}

function colourOf(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

function clockTime(seconds: number): string {
  return new Date(seconds * 1000).toLocaleTimeString(undefined, { hour: "2-digit", minute: "2-digit" });
}

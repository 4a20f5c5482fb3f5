import type { LiveBroadcast } from "../../server/protocol/api.ts";
import type { BroadcastStats } from "../../server/protocol/stats.ts";
import { find, make, setText } from "../ui/dom.ts";
import { Chart } from "./chart.ts";
import { CHARTS, Course } from "./chart-data.ts";
import { Figures } from "./figures.ts";
import { broadcastFigures } from "./live-figures.ts";
import { droppedWords, RENDITION_COLUMNS, renditionRows, VIEWER_COLUMNS, viewerRow } from "./live-rows.ts";
import type { Studio } from "./studio.ts";
import { Table } from "./table.ts";

/** How the live broadcast of a channel goes: figures, charts, who watches, what is made. */
export class LiveView {
  readonly #api: Studio["api"];
  readonly #section = find("#live", HTMLElement);
  readonly #figures = new Figures(find("#figures", HTMLElement));
  readonly #charts: readonly Chart[];
  readonly #viewers = new Table(find("#viewers", HTMLTableElement), VIEWER_COLUMNS);
  readonly #renditions = new Table(find("#renditions", HTMLTableElement), RENDITION_COLUMNS);
  #course: { readonly id: string; readonly course: Course } | undefined;

  constructor({ api, signal }: Pick<Studio, "api" | "signal">) {
    this.#api = api;
    // uPlot measures its place.
    this.#section.hidden = false;
    this.#charts = CHARTS.map((plan) => new Chart(plan, signal));
    find("#charts", HTMLElement).append(...this.#charts.map(({ element }) => element));
    this.#section.hidden = true;
  }

  /** Shows a broadcast, or nothing when there is none. */
  async show(broadcast: LiveBroadcast | null, stats: BroadcastStats | undefined): Promise<void> {
    this.#section.hidden = broadcast === null;
    if (broadcast === null) return;
    const nowMs = Date.now();
    if (stats !== undefined) this.#figures.show(broadcastFigures(stats, nowMs));
    this.#renditions.show(renditionRows(broadcast, stats?.audience.renditions ?? {}));
    setText(find("#dropped", HTMLElement), droppedWords(broadcast));
    showNotices(broadcast);
    await Promise.all([this.#showViewers(broadcast.id, nowMs), this.#showCourse(broadcast.id)]);
  }

  async #showViewers(id: string, nowMs: number): Promise<void> {
    const answer = await this.#api.viewers(id);
    if (answer.kind !== "ok") return;
    const { items } = answer.value;
    this.#viewers.show(items.map((viewer) => viewerRow(viewer, nowMs)));
    find("#viewers-empty", HTMLElement).hidden = items.length > 0;
  }

  async #showCourse(id: string): Promise<void> {
    if (this.#course?.id !== id) this.#course = { id, course: new Course() };
    const { course } = this.#course;
    const answer = await this.#api.history(id, course.newestAt);
    if (answer.kind !== "ok") return;
    course.add(answer.value.items);
    for (const chart of this.#charts) chart.show(course.samples);
  }
}

function showNotices({ notices }: LiveBroadcast): void {
  const list = find("#notices", HTMLElement);
  const lines = notices.map(({ at, text }) => `${new Date(at).toLocaleTimeString()}: ${text}`);
  const shown = [...list.children].map(({ textContent }) => textContent);
  if (lines.length === shown.length && lines.every((line, index) => line === shown[index])) return;
  list.replaceChildren(...lines.map((line) => make("li", {}, line)));
}

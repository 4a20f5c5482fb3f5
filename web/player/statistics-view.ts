import { find, make, setText } from "../ui/dom.ts";
import { setIcon } from "../ui/icons.ts";
import { type StatisticsParts, statisticsRows } from "./statistics.ts";

const REFRESH_MS = 500;

/** The statistics over the picture, while somebody wants to see them. */
export class StatisticsView {
  readonly #parts: StatisticsParts;
  readonly #list = find("#statistics", HTMLElement);
  readonly #button = find("#show-statistics", HTMLButtonElement);
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor(parts: StatisticsParts) {
    this.#parts = parts;
    setIcon(this.#button, "statistics", "Statistics");
    this.#button.addEventListener("click", () => this.toggle());
  }

  toggle(): void {
    const show = this.#list.hidden;
    this.#list.hidden = !show;
    this.#button.setAttribute("aria-pressed", String(show));
    clearInterval(this.#timer);
    if (!show) return this.#parts.meter.release();
    this.#parts.meter.use();
    this.#refresh();
    this.#timer = setInterval(() => this.#refresh(), REFRESH_MS);
  }

  /** Texts are changed in place, so that what is selected stays selected. */
  #refresh(): void {
    const rows = statisticsRows(this.#parts);
    const names = [...this.#list.querySelectorAll("dt")].map(({ textContent }) => textContent);
    if (names.join() !== rows.map(([name]) => name).join()) {
      this.#list.replaceChildren(...rows.flatMap(([name]) => [make("dt", {}, name), make("dd")]));
    }
    for (const [index, element] of this.#list.querySelectorAll("dd").entries())
      setText(element, rows[index]?.[1] ?? "");
  }
}

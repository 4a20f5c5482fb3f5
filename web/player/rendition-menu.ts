import { make } from "../ui/dom.ts";
import type { Engine, RenditionChoice } from "./engine.ts";

const AUTO = "";

/** The list of renditions: automatic (saying which one plays) and each one by itself. */
export class RenditionMenu {
  readonly #select: HTMLSelectElement;
  readonly #engine: () => Engine | undefined;
  #shown = "";

  constructor(select: HTMLSelectElement, engine: () => Engine | undefined) {
    this.#select = select;
    this.#engine = engine;
    select.addEventListener("change", () => {
      engine()?.choose(select.value === AUTO ? undefined : select.value);
      this.refresh();
    });
  }

  /** Shows what the engine has now. */
  refresh(): void {
    const engine = this.#engine();
    const renditions = engine?.renditions ?? [];
    const playing = renditions.find((rendition) => rendition.id === engine?.playing);
    const auto = playing === undefined ? "Auto" : `Auto (${playing.label.split(" · ")[0]})`;
    const wanted = JSON.stringify([auto, renditions]);
    this.#select.disabled = renditions.length < 2;
    if (wanted === this.#shown) return;
    this.#shown = wanted;
    this.#fill(auto, renditions);
  }

  /** A new engine begins with its own choice. */
  reset(): void {
    this.#select.value = AUTO;
    this.refresh();
  }

  #fill(auto: string, renditions: readonly RenditionChoice[]): void {
    const chosen = this.#select.value;
    const options = renditions.map(({ id, label }) => make("option", { value: id }, label));
    this.#select.replaceChildren(make("option", { value: AUTO }, auto), ...options);
    this.#select.value = renditions.some(({ id }) => id === chosen) ? chosen : AUTO;
  }
}

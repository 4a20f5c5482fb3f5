import { make, setText } from "../ui/dom.ts";

/** Names and values that change, as a description list. */
export class Figures {
  readonly #list: HTMLElement;
  readonly #values = new Map<string, HTMLElement>();

  constructor(list: HTMLElement) {
    this.#list = list;
  }

  /** Shows these, in this order; what is undefined is left out. */
  show(figures: Readonly<Record<string, string | undefined>>): void {
    for (const [name, text] of Object.entries(figures)) {
      const value = this.#values.get(name) ?? this.#add(name);
      setText(value, text ?? "");
      if (value.parentElement !== null) value.parentElement.hidden = text === undefined;
    }
  }

  #add(name: string): HTMLElement {
    const value = make("dd", {});
    this.#list.append(make("div", {}, make("dt", {}, name), value));
    this.#values.set(name, value);
    return value;
  }
}

/**
 * Shows items as children of a list. Items that did not change keep their elements, so that a refresh takes neither
 * the focus nor the selection away.
 */
export class KeyedList<T> {
  readonly #list: HTMLElement;
  readonly #elementOf: (item: T) => HTMLElement;
  #shown = new Map<string, HTMLElement>();

  constructor(list: HTMLElement, elementOf: (item: T) => HTMLElement) {
    this.#list = list;
    this.#elementOf = elementOf;
  }

  /** Shows these items; `keyOf` must change when the element should. */
  show(items: readonly T[], keyOf: (item: T) => string): void {
    const next = new Map(items.map((item) => [keyOf(item), item]));
    const kept = this.#shown;
    this.#shown = new Map([...next].map(([key, item]) => [key, kept.get(key) ?? this.#elementOf(item)]));
    for (const [key, element] of kept) if (!this.#shown.has(key)) element.remove();
    [...this.#shown.values()].forEach((element, index) => {
      const there = this.#list.children[index];
      if (there !== element) this.#list.insertBefore(element, there ?? null);
    });
  }
}

import { make } from "../ui/dom.ts";

/** A table whose rows are shown anew; the same rows leave it untouched. Cells carry their column's name for phones. */
export class Table {
  readonly #table: HTMLTableElement;
  readonly #columns: readonly string[];
  readonly #body = make("tbody");
  #shown = "";

  constructor(table: HTMLTableElement, columns: readonly string[]) {
    this.#table = table;
    this.#columns = columns;
    const heads = columns.map((name) => make("th", { scope: "col" }, name));
    // What can be scrolled has to be reached with the keyboard.
    if (table.parentElement !== null) table.parentElement.tabIndex = 0;
    table.append(make("thead", {}, make("tr", {}, ...heads)), this.#body);
  }

  show(rows: readonly (readonly string[])[]): void {
    const key = JSON.stringify(rows);
    if (key === this.#shown) return;
    this.#shown = key;
    this.#table.hidden = rows.length === 0;
    this.#body.replaceChildren(
      ...rows.map((cells) =>
        make("tr", {}, ...cells.map((text, at) => make("td", { "data-label": this.#columns[at] ?? "" }, text))),
      ),
    );
  }
}

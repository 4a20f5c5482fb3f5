import type { ChatLine } from "../../server/protocol/chat.ts";
import { make, setText } from "../ui/dom.ts";

/** Lines on the page; older ones are taken away. */
const MAX_SHOWN = 300;
/** So close to the end, in pixels, is at the end. */
const AT_END_PX = 32;

/** What stands beside a line for people who see this page. */
export interface LineDetails {
  /** When it was said: a time of day, or a place in a recording. */
  readonly when: (line: ChatLine) => string;
  /** What can be done about a line; undefined: nothing. */
  readonly tools?: ((line: ChatLine) => HTMLElement) | undefined;
}

/** The lines of a chat. It stays at the newest one, unless the viewer has gone back to read. */
export class ChatLog {
  readonly element: HTMLElement;
  /** Leads back to the newest line. */
  readonly newer: HTMLButtonElement;
  readonly #list = make("ol");
  readonly #shown = new Map<string, { readonly line: ChatLine; readonly item: HTMLElement }>();
  #details: LineDetails;
  #isAtEnd = true;
  #missed = 0;

  /** `empty` stands there while there is no line. */
  constructor(empty: string, details: LineDetails) {
    this.#details = details;
    this.#list.dataset.empty = empty;
    this.element = make(
      "div",
      { class: "chat-log", role: "log", "aria-live": "polite", "aria-label": "Chat", tabindex: "0" },
      this.#list,
    );
    this.newer = make("button", { type: "button", class: "chat-newer", hidden: true });
    this.newer.addEventListener("click", () => {
      this.toEnd();
      this.element.focus();
    });
    this.element.addEventListener("scroll", () => this.#look());
    // A keyboard that comes up on a phone makes it smaller.
    new ResizeObserver(() => {
      if (this.#isAtEnd) this.toEnd();
    }).observe(this.element);
  }

  get lines(): ChatLine[] {
    return [...this.#shown.values()].map(({ line }) => line);
  }

  /** One more line, the newest. */
  add(line: ChatLine): void {
    if (this.#shown.has(line.id)) return;
    const item = this.#itemOf(line);
    this.#shown.set(line.id, { line, item });
    this.#list.append(item);
    for (const id of this.#shown.keys()) {
      if (this.#shown.size <= MAX_SHOWN) break;
      this.remove([id]);
    }
    if (this.#isAtEnd) return this.toEnd();
    this.#missed += 1;
    this.#showMissed();
  }

  remove(ids: readonly string[]): void {
    for (const id of ids) {
      this.#shown.get(id)?.item.remove();
      this.#shown.delete(id);
    }
  }

  /** These lines and no others, without a screen reader reading all of them. */
  show(lines: readonly ChatLine[]): void {
    this.element.setAttribute("aria-live", "off");
    const wanted = lines.slice(-MAX_SHOWN);
    const ids = new Set(wanted.map(({ id }) => id));
    this.remove([...this.#shown.keys()].filter((id) => !ids.has(id)));
    const known = new Map(this.#shown);
    this.#shown.clear();
    for (const line of wanted) this.#shown.set(line.id, known.get(line.id) ?? { line, item: this.#itemOf(line) });
    this.#list.replaceChildren(...[...this.#shown.values()].map(({ item }) => item));
    this.toEnd();
    setTimeout(() => this.element.setAttribute("aria-live", "polite"), 200);
  }

  /** Draws all lines anew with other details. */
  redraw(details: LineDetails): void {
    this.#details = details;
    const { lines } = this;
    this.#shown.clear();
    this.show(lines);
  }

  toEnd(): void {
    this.#isAtEnd = true;
    this.#missed = 0;
    this.element.scrollTop = this.element.scrollHeight;
    this.#showMissed();
  }

  #look(): void {
    const { scrollHeight, scrollTop, clientHeight } = this.element;
    // Hidden, it has no height and no end.
    if (clientHeight === 0) return;
    this.#isAtEnd = scrollHeight - scrollTop - clientHeight < AT_END_PX;
    if (this.#isAtEnd) this.#missed = 0;
    this.#showMissed();
  }

  #showMissed(): void {
    this.newer.hidden = this.#missed === 0;
    setText(this.newer, this.#missed === 1 ? "1 new message" : `${this.#missed} new messages`);
  }

  #itemOf(line: ChatLine): HTMLElement {
    const { when, tools } = this.#details;
    const time = make("time", { datetime: new Date(line.at).toISOString() }, when(line));
    const badge = line.operator ? [make("span", { class: "chat-badge" }, "Operator")] : [];
    const head = make("span", { class: "chat-head" }, make("bdi", { class: "chat-name" }, line.name), ...badge, time);
    const text = make("span", { class: "chat-text", dir: "auto" }, line.text);
    return make("li", { "data-line": line.id }, head, " ", text, ...(tools === undefined ? [] : [tools(line)]));
  }
}

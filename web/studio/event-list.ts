import type { ServerEvent } from "../../server/protocol/events.ts";
import { find, make } from "../ui/dom.ts";
import { eventWords, isTrouble } from "./event-words.ts";

/** More are nobody's to read here. */
const SHOWN = 40;

/** What happened, newest first, in words. */
export class EventList {
  readonly #list = find("#events", HTMLElement);
  readonly #empty = find("#events-empty", HTMLElement);
  readonly #withChannel: boolean;

  constructor({ withChannel }: { readonly withChannel: boolean }) {
    this.#withChannel = withChannel;
  }

  add(event: ServerEvent): void {
    const { at, channel } = event;
    const when = new Date(at);
    const time = make("time", { datetime: at, title: when.toLocaleString() }, when.toLocaleTimeString());
    const where =
      this.#withChannel && channel !== undefined ? [make("a", { href: `/studio/${channel}` }, channel), " "] : [];
    this.#list.prepend(make("li", { "data-trouble": isTrouble(event) }, time, " ", ...where, eventWords(event)));
    if (this.#list.childElementCount > SHOWN) this.#list.lastElementChild?.remove();
    this.#empty.hidden = true;
  }
}

import { find, make, setText } from "../ui/dom.ts";
import { type Alarm, worstFirst } from "./alarms.ts";

/** Alarms in words. Screen readers hear of new ones only: figures in them change all the time. */
export class AlarmList {
  readonly #list = find("#alarms", HTMLElement);
  readonly #news = find("#alarm-news", HTMLElement);
  readonly #wellWords = document.querySelector("#all-well");
  readonly #withChannel: boolean;
  #shown = new Map<string, { readonly item: HTMLElement; readonly words: HTMLElement }>();

  constructor({ withChannel }: { readonly withChannel: boolean }) {
    this.#withChannel = withChannel;
  }

  show(found: readonly Alarm[]): void {
    const alarms = worstFirst(found);
    const news = alarms.filter(({ key }) => !this.#shown.has(key));
    const next = new Map(
      alarms.map((alarm) => [alarm.key, this.#shown.get(alarm.key) ?? itemOf(alarm, this.#withChannel)]),
    );
    for (const [key, { item }] of this.#shown) if (!next.has(key)) item.remove();
    for (const [index, { key, text }] of alarms.entries()) {
      const entry = next.get(key);
      if (entry === undefined) continue;
      setText(entry.words, text);
      const there = this.#list.children[index];
      if (there !== entry.item) this.#list.insertBefore(entry.item, there ?? null);
    }
    if (news.length > 0) setText(this.#news, news.map(spoken).join(" "));
    else if (alarms.length === 0 && this.#shown.size > 0) setText(this.#news, "All is well again.");
    this.#shown = next;
    if (this.#wellWords instanceof HTMLElement) this.#wellWords.hidden = alarms.length > 0;
  }
}

function itemOf({ level, channel, text }: Alarm, withChannel: boolean) {
  const words = make("span", {}, text);
  const where = channel === undefined || !withChannel ? [] : [make("a", { href: `/studio/${channel}` }, channel), ": "];
  const label = make("strong", { class: "alarm-level" }, level === "failure" ? "Alarm" : "Warning");
  return { item: make("li", { "data-level": level }, label, " ", ...where, words), words };
}

function spoken({ level, channel, text }: Alarm): string {
  return `${level === "failure" ? "Alarm" : "Warning"}${channel === undefined ? "" : `, ${channel}`}: ${text}`;
}

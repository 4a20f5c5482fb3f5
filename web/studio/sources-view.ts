import type { Source } from "../../server/protocol/sources.ts";
import { find, make } from "../ui/dom.ts";
import { KeyedList } from "../ui/keyed-list.ts";
import { sourceWords, stateWords } from "./source-words.ts";
import type { Studio } from "./studio.ts";

/** What the server opens by itself; each is changed on its channel's page. */
export class SourcesView {
  readonly #api: Studio["api"];
  readonly #list = new KeyedList(find("#sources", HTMLElement), sourceRow);

  constructor({ api }: Pick<Studio, "api">) {
    this.#api = api;
  }

  async refresh(): Promise<void> {
    const answer = await this.#api.sources();
    if (answer.kind !== "ok") return;
    const { items } = answer.value;
    this.#list.show(items, (source) => JSON.stringify(source));
    find("#sources-empty", HTMLElement).hidden = items.length > 0;
  }
}

function sourceRow(source: Source): HTMLElement {
  const { name, problem, channels } = source;
  const states = channels.map((channel) =>
    channel.channel === name ? stateWords(channel) : `${channel.channel}: ${stateWords(channel)}`,
  );
  const how = [problem ?? [], states].flat().join("; ");
  return make(
    "li",
    { class: "row-item" },
    make(
      "div",
      { class: "row-words" },
      make("a", { class: "card-title", href: `/studio/${encodeURIComponent(name)}` }, name),
      make("p", { class: "hint" }, sourceWords(source)),
      make("p", { class: "hint" }, how === "" ? "no channels yet" : how),
    ),
  );
}

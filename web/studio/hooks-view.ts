import { eventType } from "../../server/protocol/events.ts";
import type { Hook } from "../../server/protocol/hooks.ts";
import { askInDialog } from "../ui/dialog.ts";
import { find, make } from "../ui/dom.ts";
import { formatWhen } from "../ui/format.ts";
import { KeyedList } from "../ui/keyed-list.ts";
import { onClick } from "./on-click.ts";
import { onSubmit } from "./on-submit.ts";
import { shownOnce } from "./shown-once.ts";
import { tellTrouble } from "./stop-broadcast.ts";
import type { Studio } from "./studio.ts";
import { troubleOf } from "./trouble.ts";

/** The receivers of events. */
export class HooksView {
  readonly #studio: Studio;
  readonly #list: KeyedList<Hook>;
  #hooks: readonly Hook[] = [];

  constructor(studio: Studio) {
    this.#studio = studio;
    this.#list = new KeyedList(find("#hooks", HTMLElement), (hook: Hook) => this.#row(hook));
    const form = find("#new-hook", HTMLFormElement);
    const url = find("input[name=url]", HTMLInputElement, form);
    const types = eventType.options.map((type) => {
      const box = make("input", { type: "checkbox", value: type });
      return { type, box, label: make("label", { class: "check" }, box, type) };
    });
    find("#hook-types", HTMLElement).append(...types.map(({ label }) => label));
    const add = async () => {
      const chosen = types.filter(({ box }) => box.checked).map(({ type }) => type);
      const answer = await studio.api.addHook({ url: url.value.trim(), types: chosen });
      if (answer.kind !== "ok") return answer;
      form.reset();
      const words = "The secret that signs what this web hook gets";
      find("#hook-secret", HTMLElement).replaceChildren(shownOnce(words, [["Secret", answer.value.secret]]));
      await this.refresh();
      return answer;
    };
    onSubmit(form, add, "Added.");
  }

  get hooks(): readonly Hook[] {
    return this.#hooks;
  }

  async refresh(): Promise<void> {
    const answer = await this.#studio.api.hooks();
    if (answer.kind !== "ok") return;
    this.#hooks = answer.value.items;
    this.#list.show(this.#hooks, (hook) => JSON.stringify(hook));
  }

  #row(hook: Hook): HTMLElement {
    const remove = make(
      "button",
      { type: "button", class: "tool danger-text", "aria-label": `Delete ${hook.url}` },
      "Delete",
    );
    onClick(remove, () => this.#delete(hook));
    return make(
      "li",
      { class: "row-item" },
      make("div", { class: "row-words" }, make("code", {}, hook.url), make("p", { class: "hint" }, describeHook(hook))),
      make("p", { class: "links" }, remove),
    );
  }

  async #delete({ id, url }: Hook): Promise<void> {
    const text = `${url} is told of nothing any more; what waits for it is forgotten.`;
    const sure = await askInDialog({ title: "Delete this web hook?", text, action: "Delete", isDangerous: true });
    if (sure === undefined) return;
    await tellTrouble(troubleOf(await this.#studio.api.deleteHook(id)));
    await this.refresh();
  }
}

/** How a web hook goes, in one line. */
function describeHook({ types, pending, problem, deliveredAt }: Hook): string {
  return [
    types.length === 0 ? "every event" : types.join(", "),
    deliveredAt === null ? "nothing delivered yet" : `last delivery ${formatWhen(deliveredAt)}`,
    pending === 0 ? "" : `${pending} waiting`,
    problem === null ? "" : `last problem: ${problem}`,
  ]
    .filter(Boolean)
    .join(" · ");
}

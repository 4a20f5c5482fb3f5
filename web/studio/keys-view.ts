import type { StreamKey } from "../../server/protocol/channels.ts";
import { copyLine } from "../ui/copy.ts";
import { askInDialog } from "../ui/dialog.ts";
import { find, make, setText } from "../ui/dom.ts";
import { formatWhen } from "../ui/format.ts";
import { KeyedList } from "../ui/keyed-list.ts";
import { onClick } from "./on-click.ts";
import { onSubmit } from "./on-submit.ts";
import { publishAddresses, publishRuleWords } from "./publish-addresses.ts";
import { shownOnce } from "./shown-once.ts";
import { tellTrouble } from "./stop-broadcast.ts";
import type { Studio } from "./studio.ts";
import { troubleOf } from "./trouble.ts";

/** The keys of a channel, and the addresses to publish at. */
export class KeysView {
  readonly #studio: Studio;
  readonly #channel: string;
  readonly #list: KeyedList<StreamKey>;

  constructor(studio: Studio, channel: string) {
    this.#studio = studio;
    this.#channel = channel;
    this.#list = new KeyedList(find("#keys", HTMLElement), (key: StreamKey) => this.#row(key));
    setText(find("#publish-rule", HTMLElement), publishRuleWords(studio.setup.publish));
    const lines = publishAddresses(location, studio.setup, channel);
    find("#addresses", HTMLElement).replaceChildren(...lines.map(([label, text]) => copyLine(label, text)));
    const form = find("#new-key", HTMLFormElement);
    const label = find("input[name=label]", HTMLInputElement, form);
    const add = async () => {
      const answer = await studio.api.makeKey(channel, label.value.trim());
      if (answer.kind !== "ok") return answer;
      form.reset();
      this.#tell(answer.value.key, answer.value.label);
      await this.refresh();
      return answer;
    };
    onSubmit(form, add, "");
  }

  async refresh(): Promise<void> {
    const answer = await this.#studio.api.keys(this.#channel);
    if (answer.kind === "ok") this.#list.show(answer.value.items, (key) => JSON.stringify(key));
  }

  /** Shows a new key, and the addresses with it. */
  #tell(key: string, label: string): void {
    const lines = publishAddresses(location, this.#studio.setup, this.#channel, key);
    const what = label === "" ? "A new key" : `A new key for ${label}`;
    find("#shown-key", HTMLElement).replaceChildren(shownOnce(what, [["Key", key], ...lines]));
  }

  #row(key: StreamKey): HTMLElement {
    const { label, createdAt, usedAt } = key;
    const name = label === "" ? "Key without a word" : label;
    const tool = (word: string, kind: string, work: () => Promise<void>) => {
      const button = make("button", { type: "button", class: kind, "aria-label": `${word} ${name}` }, word);
      onClick(button, work);
      return button;
    };
    const used = usedAt === null ? "never used" : `last used ${formatWhen(usedAt)}`;
    return make(
      "li",
      { class: "row-item", "data-key": key.id },
      make(
        "div",
        { class: "row-words" },
        make("span", { class: "card-title" }, name),
        make("p", { class: "hint" }, `made ${formatWhen(createdAt)} · ${used}`),
      ),
      make(
        "p",
        { class: "links" },
        tool("Rotate", "tool", () => this.#rotate(key)),
        tool("Revoke", "tool danger-text", () => this.#revoke(key)),
      ),
    );
  }

  async #rotate({ id, label }: StreamKey): Promise<void> {
    const text =
      "The old key is good no more, and whoever publishes with it now is stopped. The new one is shown once.";
    const title = `Put a new key in the place of ${label === "" ? "this one" : label}?`;
    if ((await askInDialog({ title, text, action: "Rotate", isDangerous: true })) === undefined) return;
    const answer = await this.#studio.api.rotateKey(this.#channel, id);
    if (answer.kind === "ok") this.#tell(answer.value.key, label);
    await tellTrouble(troubleOf(answer));
    await this.refresh();
  }

  async #revoke({ id, label }: StreamKey): Promise<void> {
    const text = "It is good no more, and whoever publishes with it now is stopped.";
    const title = `Revoke ${label === "" ? "this key" : `the key of ${label}`}?`;
    if ((await askInDialog({ title, text, action: "Revoke", isDangerous: true })) === undefined) return;
    await tellTrouble(troubleOf(await this.#studio.api.revokeKey(this.#channel, id)));
    await this.refresh();
    // Its row is gone, and the focus with it.
    find("#new-key input", HTMLInputElement).focus();
  }
}

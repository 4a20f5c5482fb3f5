import type { ChatBan, ChatSettings } from "../../server/protocol/chat.ts";
import type { Answer } from "../ui/api.ts";
import { find, make, setText } from "../ui/dom.ts";
import { formatWhen } from "../ui/format.ts";
import { KeyedList } from "../ui/keyed-list.ts";
import { readWords } from "./blocked-words.ts";
import { onClick } from "./on-click.ts";
import { onSubmit } from "./on-submit.ts";
import { tellTrouble } from "./stop-broadcast.ts";
import type { Studio } from "./studio.ts";
import { troubleOf } from "./trouble.ts";

/** How a channel's chat is set up, and who is banned from it. */
export class ChatView {
  readonly #studio: Studio;
  readonly #channel: string;
  readonly #enabled: HTMLSelectElement;
  readonly #slow: HTMLInputElement;
  readonly #words: HTMLTextAreaElement;
  readonly #bans: KeyedList<ChatBan>;
  readonly #address: HTMLInputElement;
  /** Somebody has begun to change something: moderators on the watch page must not overwrite it. */
  #isTouched = false;

  constructor(studio: Studio, channel: string) {
    this.#studio = studio;
    this.#channel = channel;
    const form = find("#chat", HTMLFormElement);
    this.#enabled = find("select[name=enabled]", HTMLSelectElement, form);
    this.#slow = find("input[name=slowSeconds]", HTMLInputElement, form);
    this.#words = find("textarea", HTMLTextAreaElement, form);
    form.addEventListener("input", () => {
      this.#isTouched = true;
      this.#words.setCustomValidity(readWords(this.#words.value).problem ?? "");
    });
    onSubmit(form, () => this.#save(), "Saved: it holds from now on.");
    this.#bans = new KeyedList(find("#bans", HTMLElement), (ban: ChatBan) => this.#row(ban));
    const newBan = find("#new-ban", HTMLFormElement);
    this.#address = find("input", HTMLInputElement, newBan);
    onSubmit(newBan, () => this.#ban(newBan), "Banned.");
  }

  async refresh(): Promise<void> {
    const { api } = this.#studio;
    const settings = await api.chat(this.#channel);
    // The server has no chat at all.
    const isNone = settings.kind === "refused" && settings.status === 404;
    find("#chat-none", HTMLElement).hidden = !isNone;
    find("#chat-set-up", HTMLElement).hidden = isNone;
    if (settings.kind !== "ok") return;
    if (!this.#isTouched) this.#fill(settings.value);
    const bans = await api.bans(this.#channel);
    if (bans.kind !== "ok") return;
    const { items } = bans.value;
    this.#bans.show(items, ({ id }) => id);
    find("#bans-empty", HTMLElement).hidden = items.length > 0;
    const words = items.length === 0 ? "Who is banned" : `Who is banned (${items.length})`;
    setText(find("#bans-more > summary", HTMLElement), words);
  }

  #fill({ enabled, slowSeconds, words }: ChatSettings): void {
    // What is the same is not written again: that would take the cursor away.
    const text = words.join("\n");
    if (this.#words.value !== text) this.#words.value = text;
    if (this.#slow.value !== String(slowSeconds)) this.#slow.value = String(slowSeconds);
    this.#enabled.value = String(enabled);
  }

  async #save(): Promise<Answer<unknown>> {
    const { words, problem } = readWords(this.#words.value);
    if (problem !== undefined) return { kind: "refused", status: 400, text: problem };
    const enabled = this.#enabled.value === "true";
    const settings = { enabled, slowSeconds: Number(this.#slow.value), words };
    const answer = await this.#studio.api.setChat(this.#channel, settings);
    if (answer.kind === "ok") {
      this.#isTouched = false;
      this.#fill(answer.value);
    }
    return answer;
  }

  async #ban(form: HTMLFormElement): Promise<Answer<unknown>> {
    const answer = await this.#studio.api.ban(this.#channel, this.#address.value.trim());
    if (answer.kind === "ok") {
      form.reset();
      await this.refresh();
    }
    return answer;
  }

  #row(ban: ChatBan): HTMLElement {
    const { address, name, at } = ban;
    const who = name === "" ? address : `${name}, ${address}`;
    const lift = make("button", { type: "button", class: "tool", "aria-label": `Lift the ban of ${who}` }, "Lift");
    onClick(lift, () => this.#lift(ban));
    return make(
      "li",
      { class: "row-item" },
      make(
        "div",
        { class: "row-words" },
        make("span", { class: "card-title" }, who),
        make("p", { class: "hint" }, `banned ${formatWhen(at)}`),
      ),
      make("p", { class: "links" }, lift),
    );
  }

  async #lift({ id }: ChatBan): Promise<void> {
    await tellTrouble(troubleOf(await this.#studio.api.unban(this.#channel, id)));
    await this.refresh();
    // Its row is gone, and the focus with it.
    this.#address.focus();
  }
}

import { type ChannelWishes, PLAIN_CHANNEL } from "../../server/protocol/channels.ts";
import { find, setText } from "../ui/dom.ts";
import { ladderWords } from "./ladder-words.ts";
import type { Studio } from "./studio.ts";

/** The part of a form that says what a channel shall be like. */
export class WishesForm {
  readonly #title: HTMLInputElement;
  readonly #description: HTMLTextAreaElement;
  readonly #watch: HTMLSelectElement;
  readonly #record: HTMLSelectElement;
  readonly #ladder: HTMLInputElement;
  readonly #keepDays: HTMLInputElement;
  readonly #keepCount: HTMLInputElement;
  readonly #ladderWords: HTMLElement;
  readonly #initialLadder: string;

  constructor(form: HTMLFormElement, { setup }: Pick<Studio, "setup">) {
    const place = find("[data-wishes]", HTMLElement, form);
    place.replaceChildren(find("#wishes", HTMLTemplateElement).content.cloneNode(true));
    const input = (name: string) => find(`input[name="${name}"]`, HTMLInputElement, place);
    this.#title = input("title");
    this.#ladder = input("ladder");
    this.#keepDays = input("keepDays");
    this.#keepCount = input("keepCount");
    this.#description = find("textarea", HTMLTextAreaElement, place);
    this.#watch = find('select[name="watch"]', HTMLSelectElement, place);
    this.#record = find('select[name="record"]', HTMLSelectElement, place);
    this.#ladderWords = find("#ladder-words", HTMLElement, place);
    this.#initialLadder = setup.ladder;
    this.#ladder.placeholder = setup.ladder;
    this.#ladder.addEventListener("input", () => this.#checkLadder());
    this.fill(PLAIN_CHANNEL);
  }

  fill(wishes: ChannelWishes): void {
    const optional = (value: number | boolean | null) => (value === null ? "" : String(value));
    this.#title.value = wishes.title;
    this.#description.value = wishes.description;
    this.#watch.value = wishes.watch;
    this.#record.value = optional(wishes.record);
    this.#ladder.value = wishes.ladder ?? "";
    this.#keepDays.value = optional(wishes.keepDays);
    this.#keepCount.value = optional(wishes.keepCount);
    this.#checkLadder();
  }

  read(): ChannelWishes {
    const figure = ({ value }: HTMLInputElement) => (value === "" ? null : Number(value));
    const ladder = this.#ladder.value.trim();
    return {
      title: this.#title.value.trim(),
      description: this.#description.value.trim(),
      watch: this.#watch.value === "link" ? "link" : "open",
      record: this.#record.value === "" ? null : this.#record.value === "true",
      ladder: ladder === "" ? null : ladder,
      keepDays: figure(this.#keepDays),
      keepCount: figure(this.#keepCount),
    };
  }

  #checkLadder(): void {
    const { isGood, text } = ladderWords(this.#ladder.value, this.#initialLadder);
    this.#ladder.setCustomValidity(isGood ? "" : text);
    this.#ladder.setAttribute("aria-invalid", String(!isGood));
    setText(this.#ladderWords, text);
  }
}

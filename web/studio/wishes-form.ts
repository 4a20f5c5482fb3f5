import { type ChannelWishes, PLAIN_CHANNEL } from "../../server/protocol/channels.ts";
import { find, setText } from "../ui/dom.ts";
import { ladderWords } from "./ladder-words.ts";
import type { Studio } from "./studio.ts";

const RECORD_WORDS =
  "This channel is live. The broadcast that is on goes on as it began, recorded or not: this holds from the next one on. To have it hold now, save, stop the broadcast and publish again.";

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
  readonly #recordWords: HTMLElement;
  readonly #initialLadder: string;
  #isLive = false;
  /** How recording was set when the form was filled. */
  #recordBefore = "";

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
    this.#recordWords = find("#record-words", HTMLElement, place);
    this.#record.addEventListener("input", () => this.#tellOfRecording());
    this.#initialLadder = setup.ladder;
    this.#ladder.placeholder = setup.ladder;
    this.#ladder.addEventListener("input", () => this.#checkLadder());
    this.fill(PLAIN_CHANNEL);
  }

  /** Whether the channel is live: what is live goes on as it began. */
  set isLive(isLive: boolean) {
    this.#isLive = isLive;
    this.#tellOfRecording();
  }

  fill(wishes: ChannelWishes): void {
    const optional = (value: number | boolean | null) => (value === null ? "" : String(value));
    this.#title.value = wishes.title;
    this.#description.value = wishes.description;
    this.#watch.value = wishes.watch;
    this.#recordBefore = optional(wishes.record);
    this.#record.value = this.#recordBefore;
    this.#tellOfRecording();
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

  #tellOfRecording(): void {
    const isLate = this.#isLive && this.#record.value !== this.#recordBefore;
    setText(this.#recordWords, isLate ? RECORD_WORDS : "");
  }

  #checkLadder(): void {
    const { isGood, text } = ladderWords(this.#ladder.value, this.#initialLadder);
    this.#ladder.setCustomValidity(isGood ? "" : text);
    this.#ladder.setAttribute("aria-invalid", String(!isGood));
    setText(this.#ladderWords, text);
  }
}

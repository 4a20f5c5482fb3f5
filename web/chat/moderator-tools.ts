import type { ChatClientMessage, ChatLine } from "../../server/protocol/chat.ts";
import { askInDialog } from "../ui/dialog.ts";
import { make } from "../ui/dom.ts";

const TIME_OUT_SECONDS = 300;
const SLOW_SECONDS = [0, 5, 15, 60, 300] as const;

/** What a moderator can do about one line. */
export function lineTools(line: ChatLine, send: (message: ChatClientMessage) => void): HTMLElement {
  const { id, name } = line;
  const button = (text: string, label: string, act: () => void) => {
    const made = make("button", { type: "button", "aria-label": label }, text);
    made.addEventListener("click", act);
    return made;
  };
  return make(
    "span",
    { class: "chat-line-tools" },
    button("Delete", `Delete the line of ${name}`, () => send({ type: "delete", id })),
    button("Time out", `Time out ${name} for ${TIME_OUT_SECONDS / 60} minutes`, () =>
      send({ type: "timeout", id, seconds: TIME_OUT_SECONDS }),
    ),
    button("Ban", `Ban the address of ${name}`, () => void ban(line, send)),
  );
}

/** What a moderator can do about the whole chat. */
export class RoomTools {
  readonly element: HTMLElement;
  readonly #slow = make("select", { "aria-label": "Slow mode" });
  #words: readonly string[] = [];

  constructor(send: (message: ChatClientMessage) => void) {
    this.#slow.append(...SLOW_SECONDS.map((seconds) => make("option", { value: String(seconds) }, slowWords(seconds))));
    this.#slow.addEventListener("change", () => send({ type: "slow", seconds: Number(this.#slow.value) }));
    const words = make("button", { type: "button" }, "Words");
    words.setAttribute("aria-label", "Blocked words");
    words.addEventListener("click", () => void this.#ask(send));
    this.element = make("div", { class: "chat-room-tools", hidden: true }, this.#slow, words);
  }

  show(words: readonly string[]): void {
    this.#words = words;
    this.element.hidden = false;
  }

  set slowSeconds(seconds: number) {
    const value = String(seconds);
    if (![...this.#slow.options].some((option) => option.value === value)) {
      this.#slow.append(make("option", { value }, slowWords(seconds)));
    }
    this.#slow.value = value;
  }

  async #ask(send: (message: ChatClientMessage) => void): Promise<void> {
    const text = await askInDialog({
      title: "Blocked words",
      text: "Who writes one of these is refused. Put commas between them.",
      action: "Set",
      field: { label: "Words", type: "text", value: this.#words.join(", ") },
    });
    if (text === undefined) return;
    this.#words = text
      .split(",")
      .map((word) => word.trim())
      .filter((word) => word !== "");
    send({ type: "words", words: [...this.#words] });
  }
}

async function ban({ id, name }: ChatLine, send: (message: ChatClientMessage) => void): Promise<void> {
  const answer = await askInDialog({
    title: `Ban the address of ${name}?`,
    text: "Nobody can come to this channel's chat from there until the ban is lifted.",
    action: "Ban",
    isDangerous: true,
  });
  if (answer !== undefined) send({ type: "ban", id });
}

function slowWords(seconds: number): string {
  return seconds === 0 ? "Slow mode off" : `One line in ${seconds} s`;
}

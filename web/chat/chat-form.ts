import { MAX_NAME, MAX_TEXT } from "../../server/protocol/chat-text.ts";
import { make } from "../ui/dom.ts";

/** Where a viewer writes: a name and a line. */
export class ChatForm {
  readonly element: HTMLFormElement;
  readonly #name = make("input", {
    class: "chat-own-name",
    maxlength: String(MAX_NAME),
    autocomplete: "nickname",
    placeholder: "Your name",
    "aria-label": "Your name",
  });
  readonly #text = make("input", {
    class: "chat-own-text",
    maxlength: String(MAX_TEXT),
    autocomplete: "off",
    enterkeyhint: "send",
    placeholder: "Say something",
    "aria-label": "Message",
  });
  readonly #send = make("button", { type: "submit", class: "primary" }, "Send");

  /** `onSay` gets what is not empty, trimmed. */
  constructor(onSay: (name: string, text: string) => void) {
    this.element = make("form", { class: "chat-form" }, this.#name, this.#text, this.#send);
    this.element.addEventListener("submit", (event) => {
      event.preventDefault();
      const [name, text] = [this.#name.value.trim(), this.#text.value.trim()];
      if (text === "") return;
      if (name === "") return this.#name.focus();
      this.#text.value = "";
      this.#text.focus();
      onSay(name, text);
    });
  }

  get name(): string {
    return this.#name.value.trim();
  }

  set name(name: string) {
    this.#name.value = name;
  }

  /** A line that was not taken: the viewer may change it, unless another one has been begun. */
  giveBack(text: string): void {
    if (this.#text.value === "") this.#text.value = text;
  }

  /** Another name is needed. */
  askName(): void {
    this.#name.focus();
    this.#name.select();
  }

  set isOpen(isOpen: boolean) {
    this.#text.disabled = !isOpen;
    this.#send.disabled = !isOpen;
  }
}

import { find, make, setText } from "../ui/dom.ts";
import type { ChatIdentity } from "./chat-identity.ts";

/** The frame around a chat: its heading, what is said about it, and the button that folds it away. */
export class ChatPanel {
  readonly #section = find("#chat", HTMLElement);
  readonly #body = make("div", { id: "chat-body", class: "chat-body" });
  readonly #notice = make("p", { class: "chat-notice", role: "status" });
  readonly #toggle = make("button", { type: "button", class: "quiet", "aria-controls": "chat-body" });
  readonly #heading = make("h2", {}, "Chat");
  readonly #tools = make("span", { class: "chat-tools" });
  readonly #identity: ChatIdentity;
  /** Called when it is unfolded. */
  onOpen: () => void = () => {};

  constructor(identity: ChatIdentity, title = "Chat") {
    this.#identity = identity;
    setText(this.#heading, title);
    const bar = make("div", { class: "chat-bar" }, this.#heading, this.#tools, this.#toggle);
    this.#section.replaceChildren(bar, this.#body);
    this.#toggle.addEventListener("click", () => {
      identity.isClosed = !identity.isClosed;
      this.#fold();
      if (!identity.isClosed) this.onOpen();
    });
    // The page's keys are for the picture.
    this.#section.addEventListener("keydown", (event) => event.stopPropagation());
    this.#fold();
  }

  /** Puts the parts of the chat into it; the notice stands before the last of them. */
  fill(...parts: readonly HTMLElement[]): void {
    this.#body.replaceChildren(...parts.slice(0, -1), this.#notice, ...parts.slice(-1));
  }

  addTool(tool: HTMLElement): void {
    this.#tools.append(tool);
  }

  set isShown(isShown: boolean) {
    this.#section.hidden = !isShown;
  }

  /** Says something below the lines, until something else is said. */
  notify(text: string): void {
    setText(this.#notice, text);
  }

  #fold(): void {
    const { isClosed } = this.#identity;
    this.#body.hidden = isClosed;
    this.#section.classList.toggle("folded", isClosed);
    this.#toggle.setAttribute("aria-expanded", String(!isClosed));
    setText(this.#toggle, isClosed ? "Show" : "Hide");
    this.#toggle.setAttribute("aria-label", isClosed ? "Show the chat" : "Hide the chat");
  }
}

import type { ChatClientMessage, ChatLine, ChatServerMessage } from "../../server/protocol/chat.ts";
import type { Answer } from "../ui/api.ts";
import { make } from "../ui/dom.ts";
import { asOperator } from "../ui/operator.ts";
import { ChatForm } from "./chat-form.ts";
import type { ChatIdentity } from "./chat-identity.ts";
import { ChatLink } from "./chat-link.ts";
import { ChatLog } from "./chat-log.ts";
import type { ChatPanel } from "./chat-panel.ts";
import { lineTools, RoomTools } from "./moderator-tools.ts";
import { stillThere } from "./still-there.ts";

const UNAUTHORIZED = 401;
const timeOfDay = ({ at }: ChatLine) =>
  new Date(at).toLocaleTimeString(undefined, { hour: "2-digit", minute: "2-digit" });

/** What a chat is made with. */
export interface LiveChatParts {
  /** Of the chat's socket. */
  readonly url: string;
  readonly panel: ChatPanel;
  readonly identity: ChatIdentity;
}

/** The chat of a channel that is watched. */
export class LiveChat {
  readonly #parts: LiveChatParts;
  readonly #log = new ChatLog("Nobody has said anything yet.", { when: timeOfDay });
  readonly #form = new ChatForm((name, text) => this.#say(name, text));
  readonly #link: ChatLink;
  readonly #room = new RoomTools((message) => this.#send(message));
  readonly #moderate = make("button", { type: "button", class: "quiet" }, "Moderate");
  /** What the server calls us; undefined until it has said so over this connection. */
  #named: string | undefined;
  /** A line on its way. */
  #pending: string | undefined;
  #asked: ((answer: Answer<undefined>) => void) | undefined;
  #token: { readonly shown: string | undefined } | undefined;

  constructor(parts: LiveChatParts) {
    this.#parts = parts;
    const { panel, identity, url } = parts;
    this.#form.name = identity.name;
    panel.fill(this.#log.element, this.#log.newer, this.#room.element, this.#form.element);
    panel.addTool(this.#moderate);
    panel.onOpen = () => this.#log.toEnd();
    this.#moderate.addEventListener("click", () => void this.#becomeModerator());
    this.#link = new ChatLink({
      url,
      report: {
        onMessage: (message) => this.#hear(message),
        onLost: (text) => this.#lose(text),
        onNone: () => {
          panel.isShown = false;
        },
      },
    });
  }

  start(signal: AbortSignal): void {
    this.#link.start(signal);
  }

  #hear(message: ChatServerMessage): void {
    switch (message.type) {
      case "welcome":
        return this.#enter(message);
      case "line":
        return this.#log.add(message);
      case "deleted":
        return this.#log.remove(message.ids);
      case "named":
        return this.#takeName(message.name);
      case "slow":
        this.#room.slowSeconds = message.slowSeconds;
        return this.#parts.panel.notify(
          message.slowSeconds === 0 ? "" : `Slow mode: one line in ${message.slowSeconds} s.`,
        );
      case "moderator":
        return this.#takeTools(message.words);
      case "done":
        return this.#parts.panel.notify(message.text);
      case "refused":
        return this.#takeRefusal(message);
    }
  }

  #enter({ history, slowSeconds }: Extract<ChatServerMessage, { type: "welcome" }>): void {
    const { panel, identity } = this.#parts;
    this.#named = undefined;
    this.#form.isOpen = true;
    this.#room.slowSeconds = slowSeconds;
    panel.isShown = true;
    panel.notify("");
    this.#log.show(stillThere(this.#log.lines, history));
    if (this.#token !== undefined) this.#send({ type: "moderate", ...tokenIn(this.#token) });
    if (identity.name !== "") this.#send({ type: "name", name: identity.name, key: identity.key });
  }

  #lose(text: string | undefined): void {
    this.#form.isOpen = false;
    if (this.#pending !== undefined) this.#form.giveBack(this.#pending);
    this.#pending = undefined;
    this.#settleToken({ kind: "unreachable" });
    this.#parts.panel.notify(
      text === undefined ? "The chat is not connected. Trying again…" : `The chat is closed: ${text}.`,
    );
  }

  #say(name: string, text: string): void {
    this.#parts.panel.notify("");
    this.#log.toEnd();
    this.#pending = text;
    if (name === this.#named) this.#send({ type: "say", text });
    // The line follows when the name is ours.
    else this.#send({ type: "name", name, key: this.#parts.identity.key });
  }

  #takeName(name: string): void {
    const isForLine = this.#pending !== undefined && this.#named !== name;
    this.#named = name;
    this.#parts.identity.name = name;
    if (isForLine || this.#form.name === "") this.#form.name = name;
    if (isForLine && this.#pending !== undefined) this.#send({ type: "say", text: this.#pending });
  }

  #takeRefusal({ what, why, text }: Extract<ChatServerMessage, { type: "refused" }>): void {
    if (what === "moderate") {
      this.#token = undefined;
      return this.#settleToken({ kind: "refused", status: UNAUTHORIZED, text });
    }
    this.#parts.panel.notify(text);
    if ((what === "say" || what === "name") && this.#pending !== undefined) {
      this.#form.giveBack(this.#pending);
      this.#pending = undefined;
      if (what === "name" || why === "no_name") this.#form.askName();
    }
  }

  async #becomeModerator(): Promise<void> {
    await asOperator((token) => {
      this.#token = { shown: token };
      const answered = new Promise<Answer<undefined>>((resolve) => {
        this.#asked = resolve;
      });
      if (!this.#link.send({ type: "moderate", ...tokenIn(this.#token) })) this.#settleToken({ kind: "unreachable" });
      return answered;
    });
  }

  #takeTools(words: readonly string[]): void {
    this.#settleToken({ kind: "ok", value: undefined });
    this.#moderate.hidden = true;
    this.#room.show(words);
    this.#log.redraw({ when: timeOfDay, tools: (line) => lineTools(line, (message) => this.#send(message)) });
  }

  #settleToken(answer: Answer<undefined>): void {
    this.#asked?.(answer);
    this.#asked = undefined;
  }

  #send(message: ChatClientMessage): void {
    this.#link.send(message);
  }
}

function tokenIn({ shown }: { readonly shown: string | undefined }): { token?: string } {
  return shown === undefined ? {} : { token: shown };
}

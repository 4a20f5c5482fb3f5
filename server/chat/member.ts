import { createHash, randomUUID } from "node:crypto";
import type { WebSocket } from "ws";
import { CHAT_CLOSE, type ChatRefusal, type ChatServerMessage } from "../protocol/chat.ts";
import { skeleton } from "../protocol/chat-text.ts";
import type { Caller } from "./addresses.ts";
import type { Person } from "./person.ts";

/** Who has not taken more than this has stopped reading: some hundred lines of chat. */
const MAX_QUEUED_BYTES = 256 * 1024;

/** One connection in a room. */
export class Member {
  /** For the log. */
  readonly id = randomUUID();
  readonly caller: Caller;
  #name: { readonly shown: string; readonly folded: string } | undefined;
  isModerator = false;
  #key: string;
  readonly #socket: WebSocket;

  constructor(socket: WebSocket, caller: Caller) {
    this.#socket = socket;
    this.caller = caller;
    this.#key = this.id;
  }

  get name(): string | undefined {
    return this.#name?.shown;
  }

  set name(shown: string) {
    this.#name = { shown, folded: skeleton(shown) };
  }

  /** What names are compared by. */
  get foldedName(): string | undefined {
    return this.#name?.folded;
  }

  /** Who writes here; the name is empty until there is one. */
  get person(): Person {
    return { key: this.#key, caller: this.caller, name: this.name ?? "", isModerator: this.isModerator };
  }

  /** The client's secret makes it the same person as its other connections. */
  identify(secret: string): void {
    this.#key = createHash("sha256").update(secret).digest("hex");
  }

  tell(message: ChatServerMessage): void {
    this.send(JSON.stringify(message));
  }

  /** Sends a message that was written already, as those for everybody are. Who does not read is let go. */
  send(text: string): void {
    if (this.#socket.readyState !== this.#socket.OPEN) return;
    if (this.#socket.bufferedAmount > MAX_QUEUED_BYTES) {
      this.close(CHAT_CLOSE.tooSlow, "you did not take what was said: come back for the newest lines");
    } else this.#socket.send(text);
  }

  refuse(what: string, why: ChatRefusal, text: string, waitSeconds?: number): void {
    this.tell({ type: "refused", what, why, text, ...(waitSeconds === undefined ? {} : { waitSeconds }) });
  }

  close(code: number, reason: string): void {
    this.#socket.close(code, reason);
  }
}

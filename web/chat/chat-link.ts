import {
  CHAT_CLOSE,
  CHAT_SUBPROTOCOL,
  type ChatClientMessage,
  type ChatServerMessage,
  chatServerMessage,
} from "../../server/protocol/chat.ts";
import { retryWaitMs } from "../player/socket/backoff.ts";
import { browserWire, type OpenWire, type Wire } from "../player/socket/wire.ts";

/** Who was sent away, was too loud or is not let in at all does not knock all the time. */
const LONG_MS = 60_000;
/** So often somebody knocks who has never been let in. */
const TRIES_AT_DOOR = 3;

/** Who is told what comes over the link. */
export interface ChatLinkReport {
  onMessage(message: ChatServerMessage): void;
  /** Nothing comes or goes until the next `welcome`; `text` says why, where somebody should know. */
  onLost(text: string | undefined): void;
  /** There is no chat here. */
  onNone(): void;
}

/** What a link is made with. */
export interface ChatLinkParts {
  readonly url: string;
  readonly report: ChatLinkReport;
  readonly openWire?: OpenWire;
  readonly waitMs?: (tries: number) => number;
}

/** Keeps one connection to the chat of a channel, and makes it again when it breaks. */
export class ChatLink {
  readonly #parts: ChatLinkParts;
  #wire: Wire | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #tries = 0;
  #isThere = false;
  #wasThere = false;

  constructor(parts: ChatLinkParts) {
    this.#parts = parts;
  }

  /** Connects, and stays connected until the signal aborts. */
  start(signal: AbortSignal): void {
    signal.addEventListener("abort", () => this.#rest(), { once: true });
    if (!signal.aborted) this.#connect();
  }

  /** Sends a message; false when there is no connection that it could go over. */
  send(message: ChatClientMessage): boolean {
    if (!this.#isThere) return false;
    this.#wire?.send(JSON.stringify(message));
    return true;
  }

  #connect(): void {
    const { url, openWire = browserWire(CHAT_SUBPROTOCOL) } = this.#parts;
    this.#wire = openWire(url, {
      onText: (text) => this.#take(text),
      onBinary: () => {},
      onClose: (code, reason) => this.#lose(code, reason),
    });
  }

  #take(text: string): void {
    const message = parse(text);
    // A newer server may say what this page does not know.
    if (message === undefined) return;
    if (message.type === "welcome") {
      this.#isThere = true;
      this.#wasThere = true;
      this.#tries = 0;
    }
    this.#parts.report.onMessage(message);
  }

  #lose(code: number, reason: string): void {
    this.#isThere = false;
    this.#wire = undefined;
    const { report, waitMs = retryWaitMs } = this.#parts;
    if (code === CHAT_CLOSE.none) return report.onNone();
    const isSentAway = code === CHAT_CLOSE.forbidden || code === CHAT_CLOSE.tooMany || code === CHAT_CLOSE.badMessage;
    report.onLost(isSentAway ? reason : undefined);
    this.#tries += 1;
    const isLong = isSentAway || (!this.#wasThere && this.#tries >= TRIES_AT_DOOR);
    const pauseMs = isLong ? LONG_MS : waitMs(this.#tries - 1);
    this.#timer = setTimeout(() => this.#connect(), pauseMs);
  }

  #rest(): void {
    clearTimeout(this.#timer);
    this.#wire?.close();
    this.#wire = undefined;
    this.#isThere = false;
  }
}

function parse(text: string): ChatServerMessage | undefined {
  try {
    return chatServerMessage.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

import {
  type LiveClientMessage,
  type LiveRecord,
  type LiveServerMessage,
  liveServerMessage,
  readRecords,
} from "../../../server/protocol/live.ts";
import type { ClockSync } from "./clock-sync.ts";
import type { OpenWire, Wire } from "./wire.ts";

/** The first questions about the time come quickly one after the other, the later ones refresh them. */
const FIRST_QUESTIONS = 4;
const FIRST_QUESTION_MS = 120;
const QUESTION_MS = 10_000;
/** An answer that takes longer than this never comes: the connection is dead, though nobody has said so. */
const ANSWER_MS = 6_000;

/** How a connection ended. Code 1006 is also for one that never was. */
export interface ConnectionEnd {
  readonly code: number;
  readonly reason: string;
  /** The server has said something over it. */
  readonly wasAlive: boolean;
  /** How long it lasted, in ms. */
  readonly lastedMs: number;
}

/** What a connection tells. */
export interface ConnectionReport {
  onWords(words: LiveServerMessage): void;
  onRecords(records: readonly LiveRecord[], bytes: number): void;
  onEnd(end: ConnectionEnd): void;
}

/** What a connection is made with. */
export interface ConnectionRequest {
  readonly url: string;
  readonly openWire: OpenWire;
  readonly clock: ClockSync;
  /** Unix time in ms with fractions, by this machine's clock. */
  readonly nowMs: () => number;
  readonly report: ConnectionReport;
}

/** One connection to the live socket: reads what comes, keeps the clocks together, notices when the other end is gone. */
export class Connection {
  readonly #request: ConnectionRequest;
  readonly #beganMs: number;
  readonly #wire: Wire;
  #questions = 0;
  #askedMs: number | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isAlive = false;
  #isOver = false;

  constructor(request: ConnectionRequest) {
    this.#request = request;
    this.#beganMs = request.nowMs();
    // A server that neither takes nor refuses the connection is one that does not answer.
    this.#timer = setTimeout(() => this.#end(1006, "no answer"), ANSWER_MS);
    this.#wire = request.openWire(request.url, {
      onText: (text) => this.#onText(text),
      onBinary: (data) => this.#onBinary(data),
      onClose: (code, reason) => this.#end(code, reason),
    });
  }

  send(message: LiveClientMessage): void {
    this.#wire.send(JSON.stringify(message));
  }

  /** The machine may have slept: asks now whether the other end is still there. */
  check(): void {
    if (this.#isAlive && !this.#isOver) this.#ask();
  }

  /** Ends it; nothing more is reported. */
  close(): void {
    this.#isOver = true;
    clearTimeout(this.#timer);
    this.#wire.close();
  }

  #onText(text: string): void {
    if (this.#isOver) return;
    const words = parse(text);
    if (words === undefined) return;
    if (!this.#isAlive) {
      this.#isAlive = true;
      this.#ask();
    }
    if (words.type === "clock") this.#onClock(words.sentMs, words.serverMs);
    else this.#request.report.onWords(words);
  }

  #onBinary(data: ArrayBuffer): void {
    if (this.#isOver) return;
    try {
      this.#request.report.onRecords(readRecords(data), data.byteLength);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      this.#end(1002, error.message);
    }
  }

  #ask(): void {
    this.#askedMs = this.#request.nowMs();
    this.#questions += 1;
    this.send({ type: "clock", sentMs: this.#askedMs });
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#end(1006, "the server does not answer"), ANSWER_MS);
  }

  #onClock(sentMs: number, serverMs: number): void {
    if (sentMs !== this.#askedMs) return;
    const { clock, nowMs } = this.#request;
    clock.add({ askedMs: sentMs, answeredMs: nowMs(), serverMs });
    clearTimeout(this.#timer);
    const waitMs = this.#questions < FIRST_QUESTIONS ? FIRST_QUESTION_MS : QUESTION_MS;
    this.#timer = setTimeout(() => this.#ask(), waitMs);
  }

  #end(code: number, reason: string): void {
    if (this.#isOver) return;
    this.close();
    const lastedMs = this.#request.nowMs() - this.#beganMs;
    this.#request.report.onEnd({ code, reason, wasAlive: this.#isAlive, lastedMs });
  }
}

/** Words that we do not know come from a newer server and are left out. */
function parse(text: string): LiveServerMessage | undefined {
  try {
    return liveServerMessage.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

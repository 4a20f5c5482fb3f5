import { PUBLISH_CLOSE, type PublishServerMessage } from "../../server/protocol/publish.ts";
import { CaptureFailure, explainNoConnection, judgeClose } from "./failures.ts";
import { type KeepOptions, KeptBytes } from "./kept-bytes.ts";
import { Line, type LineOwner, type StartPulse } from "./line.ts";
import { Outbox } from "./outbox.ts";
import type { Awaited } from "./patience.ts";
import type { ConnectionClose } from "./publish-connection.ts";
import type { BroadcastMemory, ResumeTicket } from "./unfinished.ts";
import type { ConnectUplink, Uplink, UplinkEnd, UplinkReport, UplinkTarget } from "./uplink.ts";

/** Who was away for longer does not want to find itself live again unasked. */
const BEGIN_ANEW_MS = 10 * 60_000;

/** What the uplink needs from the page. */
export interface ResumableUplinkOptions {
  /** The socket's address for a channel, with this query. */
  readonly addressOf: (channel: string, query: Readonly<Record<string, string>>) => string;
  /** Asked when no connection came about: whether the server answers in any other way. */
  readonly isReachable: () => Promise<boolean>;
  readonly openKeep: () => Promise<KeepOptions>;
  readonly startPulse: StartPulse;
  readonly memory: BroadcastMemory;
}

/** The resumable protocol of contract §4, `millrace.publish.v1`. */
export function resumableUplink(options: ResumableUplinkOptions): ConnectUplink {
  return async (target, report, signal) => {
    const kept = new KeptBytes(await options.openKeep());
    const ticket = await options.memory.recall(target.channel);
    const uplink = new ResumableUplink({ options, target, report, kept, ticket });
    signal.addEventListener("abort", () => uplink.giveUpOpening(), { once: true });
    if (signal.aborted) uplink.giveUpOpening();
    const refusal = await uplink.opened;
    if (refusal !== undefined) throw refusal;
    return uplink;
  };
}

interface UplinkParts {
  readonly options: ResumableUplinkOptions;
  readonly target: UplinkTarget;
  readonly report: UplinkReport;
  readonly kept: KeptBytes;
  readonly ticket: ResumeTicket | undefined;
}

class ResumableUplink implements Uplink, LineOwner {
  readonly ended: Promise<UplinkEnd>;
  /** Settles when the server has taken the broadcast, or with why it did not. Never rejects. */
  readonly opened: Promise<CaptureFailure | undefined>;
  readonly #parts: UplinkParts;
  readonly #outbox: Outbox;
  readonly #line: Line;
  #setEnded: (end: UplinkEnd) => void = () => {};
  #setOpened: (refusal?: CaptureFailure) => void = () => {};
  #ticket: ResumeTicket | undefined;
  #state: "opening" | "ready" | "reconnecting" | "over" = "opening";
  #heardAt = Date.now();
  #isPumping = false;
  #isFinishing = false;
  #saidEnd = false;

  constructor(parts: UplinkParts) {
    this.#parts = parts;
    this.#ticket = parts.ticket;
    this.#outbox = new Outbox(parts.kept);
    this.ended = new Promise((resolve) => {
      this.#setEnded = resolve;
    });
    this.opened = new Promise((resolve) => {
      this.#setOpened = resolve;
    });
    this.#line = new Line(this, parts.options.startPulse);
  }

  get producedBytes(): number {
    return this.#outbox.producedBytes;
  }

  get acknowledgedBytes(): number {
    return this.#outbox.acknowledgedBytes;
  }

  get keptMs(): number {
    return this.#outbox.unacknowledgedMs;
  }

  get isFull(): boolean {
    return this.#parts.kept.isFull;
  }

  beginContainer(mimeType: string): void {
    this.#outbox.beginContainer(mimeType);
  }

  send(data: Blob): void {
    if (this.#state === "over") return;
    this.#outbox.append(data, performance.now());
    void this.#pump();
  }

  finish(): Promise<UplinkEnd> {
    this.#isFinishing = true;
    void this.#pump();
    return this.ended;
  }

  abandon(): void {
    if (this.#state === "ready") this.#line.connection?.say({ type: "end" });
    this.#settle({ kind: "finished" });
  }

  /** Nobody waits for the connection any more. */
  giveUpOpening(): void {
    if (this.#state !== "opening") return;
    this.#setOpened(new CaptureFailure("The connection was given up."));
    this.#settle({ kind: "finished" });
  }

  address(): string {
    const { options, target } = this.#parts;
    const { channel, key, mimeType } = target;
    const { broadcast, resume } = this.#ticket ?? {};
    return options.addressOf(channel, {
      ...(key === "" ? {} : { key }),
      type: mimeType,
      ...(broadcast === undefined || resume === undefined ? {} : { broadcast, resume }),
    });
  }

  awaited(): Awaited | undefined {
    if (this.#state !== "ready") return "connecting";
    if (this.#saidEnd) return "ending";
    return this.#outbox.isExpectingAnswer ? "answering" : undefined;
  }

  onMessage(message: PublishServerMessage): void {
    this.#heardAt = Date.now();
    if (message.type === "ready") this.#ready(message);
    else if (message.type === "ack") this.#outbox.acknowledge(message.offset, performance.now());
    else return this.#settle({ kind: "finished" });
    void this.#pump();
  }

  onClose({ code, reason, wasOpen }: ConnectionClose): void {
    const isUnknown = code === PUBLISH_CLOSE.nothingToResume && this.#ticket !== undefined;
    if (isUnknown) return this.#beginAnew();
    const verdict = judgeClose(code, reason, this.#parts.target.channel);
    if (this.#state === "opening") return void this.#refused(wasOpen ? verdict.text : undefined);
    if (verdict.isFinal) return this.#settle({ kind: "lost", text: verdict.text });
    // Not the network's fault, and so it may last: the person should know.
    if (code >= 4000) this.#parts.report.onNote(verdict.text);
    this.#lost();
  }

  onSilence(): void {
    if (this.#state === "opening") void this.#refused(undefined);
    else this.#lost();
  }

  #ready({ broadcast, resume, offset }: Extract<PublishServerMessage, { type: "ready" }>): void {
    const { report, target, options } = this.#parts;
    const before = this.#state;
    this.#state = "ready";
    this.#ticket = { channel: target.channel, broadcast, resume };
    options.memory.remember(this.#ticket);
    this.#saidEnd = false;
    this.#line.connected();
    if (!this.#outbox.resumeAt(offset)) this.#skipTo(offset);
    if (before === "opening") this.#setOpened();
    else report.onReconnecting(false);
  }

  /** One at a time: reading from the disk takes a moment, and bytes must go out in order. */
  async #pump(): Promise<void> {
    if (this.#isPumping) return;
    this.#isPumping = true;
    for (let goesOn = true; goesOn; ) goesOn = await this.#sendNext().catch((error) => this.#cannotRead(error));
    this.#isPumping = false;
  }

  /** False when there is nothing more to send now. */
  async #sendNext(): Promise<boolean> {
    const { connection } = this.#line;
    if (connection === undefined || this.#state !== "ready") return false;
    const step = this.#outbox.next();
    if (step?.kind === "restart") {
      connection.say({ type: "restart", mimeType: step.mimeType });
      this.#outbox.restarted();
    } else if (step?.kind === "bytes") {
      const bytes = await step.read();
      if (connection !== this.#line.connection) return true;
      connection.send(bytes);
      this.#outbox.passed(bytes.byteLength);
    } else if (this.#isFinishing && this.#outbox.isSent && !this.#saidEnd) {
      this.#saidEnd = true;
      connection.say({ type: "end" });
    }
    return step !== undefined;
  }

  #cannotRead(error: unknown): boolean {
    const words = error instanceof Error ? error.message : String(error);
    this.#settle({ kind: "lost", text: `What was kept on this device could not be read again (${words}).` });
    return false;
  }

  async #refused(text: string | undefined): Promise<void> {
    this.#settle({ kind: "lost", text: text ?? "" });
    const words = text ?? explainNoConnection(await this.#parts.options.isReachable());
    this.#setOpened(new CaptureFailure(words));
  }

  #lost(): void {
    this.#line.retry();
    if (this.#state !== "ready") return;
    this.#state = "reconnecting";
    this.#parts.report.onReconnecting(true);
  }

  /** The server has ended the broadcast meanwhile, or never got a byte of it. */
  #beginAnew(): void {
    this.#ticket = undefined;
    if (this.#isFinishing && this.#outbox.isDelivered) return this.#settle({ kind: "finished" });
    if (this.#state === "opening" || this.#outbox.isUntouched) return this.#lost();
    if (this.#isFinishing || Date.now() - this.#heardAt > BEGIN_ANEW_MS) {
      return this.#settle({ kind: "lost", text: "The server ended the broadcast while this page could not reach it." });
    }
    this.#parts.report.onNote("The server had ended the broadcast while it could not be reached: this is a new one.");
    this.#skipTo(0);
    this.#lost();
  }

  #skipTo(offset: number): void {
    const lostMs = this.#outbox.skipTo(offset);
    const { report } = this.#parts;
    if (lostMs >= 500) report.onNote(`${Math.round(lostMs / 1000)} s of the recording could not be delivered.`);
    if (this.#outbox.needsContainer) report.onContainerWanted();
  }

  #settle(end: UplinkEnd): void {
    if (this.#state === "over") return;
    const { memory } = this.#parts.options;
    // What was given up while the server was out of reach can be gone on with: the server waits for it.
    if (this.#state === "ready" || (this.#state === "reconnecting" && end.kind === "lost")) memory.forget();
    else memory.leave();
    this.#state = "over";
    this.#line.close();
    this.#parts.kept.close();
    this.#setEnded(end);
  }
}

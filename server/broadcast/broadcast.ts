import { wallMs } from "../core/clock.ts";
import { Pulse } from "../core/pulse.ts";
import type { ContainerEvent, ContainerScanner } from "../media/container.ts";
import { OpeningScanner } from "../media/opening-scanner.ts";
import { Epoch, type ResyncPoint } from "./epoch.ts";
import type { BroadcastLog } from "./log/broadcast-log.ts";
import type { IndexFile } from "./log/index-file.ts";

/** Notices kept for pages to show; older ones are in the server's log. */
const NOTICES_KEPT = 20;

/** Something that the publisher and the operator should know, in words. */
export interface Notice {
  /** Unix time in ms. */
  readonly atMs: number;
  readonly text: string;
}

/**
 * Why a broadcast is over; there is exactly one reason. `interrupted`: its publisher went without a word and was waited
 * for in vain. `suspended`: this process ends, and the next one waits `remainingMs` for the publisher.
 */
export type BroadcastEnd =
  | { readonly reason: "finished" | "disconnected" | "interrupted" | "stopped" }
  | { readonly reason: "suspended"; readonly remainingMs: number }
  | { readonly reason: "failed"; readonly error: unknown };

/** What a broadcast is made of; it owns and closes both. */
export interface BroadcastParts {
  readonly id: string;
  readonly channel: string;
  readonly scanner: ContainerScanner;
  readonly log: BroadcastLog;
  /** Undefined when nothing is recorded. */
  readonly index: IndexFile | undefined;
  /** Unix time in ms of the first byte, when that was in an earlier life of the server. */
  readonly startedMs?: number;
}

/** One publishing of a channel, from its first byte to its end: the log and what has been understood of it. */
export class Broadcast {
  readonly id: string;
  readonly channel: string;
  readonly log: BroadcastLog;
  /** Unix time in ms of the first byte. */
  readonly startedMs: number;
  /** Fires when an epoch begins or ends, and with every resync point and key interval that is learnt. */
  readonly changed = new Pulse();
  /** Settles when the log is complete and closed. Never rejects. */
  readonly ended: Promise<BroadcastEnd>;

  #scanner: ContainerScanner;
  readonly #index: IndexFile | undefined;
  readonly #epochs: Epoch[] = [];
  readonly #notices: Notice[] = [];
  #interruptedMs: number | undefined;
  #settle: (end: BroadcastEnd) => void = () => {};
  #ending: Promise<BroadcastEnd> | undefined;

  constructor(parts: BroadcastParts) {
    this.id = parts.id;
    this.channel = parts.channel;
    this.log = parts.log;
    this.startedMs = parts.startedMs ?? wallMs();
    this.#scanner = parts.scanner;
    this.#index = parts.index;
    this.ended = new Promise((resolve) => {
      this.#settle = resolve;
    });
  }

  get epochs(): readonly Epoch[] {
    return this.#epochs;
  }

  get notices(): readonly Notice[] {
    return this.#notices;
  }

  /** Whether another life of the server can go on with it. */
  get isRecorded(): boolean {
    return this.#index !== undefined;
  }

  /** Unix time in ms since which its publisher is away; undefined while it is there. */
  get interruptedMs(): number | undefined {
    return this.#interruptedMs;
  }

  /**
   * Takes the publisher's next bytes; they are the broadcast's from now on. Resolves when more may come. Rejects when
   * new init bytes cannot be used; the bytes are in the log all the same. Rejects with `no_room` when the archive cannot
   * be written: whether these bytes have been taken is told by the log's length.
   */
  async accept(bytes: Uint8Array): Promise<void> {
    const room = this.take(bytes, () => this.#scanner.push(bytes));
    await room;
  }

  /** Appends `bytes` and learns from the events that `scan` finds in them. */
  take(bytes: Uint8Array, scan: () => readonly ContainerEvent[]): Promise<void> {
    // What is not taken must not be learnt from: it will come again.
    if (this.log.refusal !== undefined) return Promise.reject(this.log.refusal);
    const arrivedMs = wallMs();
    this.#index?.arrived(this.log.length, arrivedMs);
    const room = this.log.append(bytes);
    try {
      for (const event of scan()) this.#learn(event, arrivedMs, this.#index);
    } catch (error) {
      return room.then(() => Promise.reject(error));
    }
    return room;
  }

  /**
   * The publisher says that its next byte begins a new container, wherever the last one was cut off. Resolves when the
   * index has it; bytes may follow then.
   */
  async restart(): Promise<void> {
    const { length } = this.log;
    this.#scanner.end();
    this.#scanner = new OpeningScanner(length);
    this.#cutEpoch(length);
    this.log.nudge();
    this.changed.fire();
    await this.#index?.restarted(length);
  }

  /** Tries again to store what could not be stored; rejects with `no_room` when there is still no room for it. */
  async store(): Promise<void> {
    await this.log.flush();
    await this.#index?.flush();
  }

  /** Learns what the log of an earlier life contains, one event after the other. */
  restore(event: ContainerEvent, arrivedMs: number, isKnown: boolean): void {
    this.#learn(event, arrivedMs, isKnown ? undefined : this.#index);
  }

  /** The earlier life's log ends, and `scanner` goes on there; a container may have been announced and never come. */
  restored(scanner: ContainerScanner, lastRestart: number): void {
    this.#scanner = scanner;
    this.#cutEpoch(lastRestart);
  }

  /** The publisher has gone without a word, or was sent away since nothing can be stored, and is waited for. */
  interrupt(why: string): void {
    // One that is sent away again and again need not be told of each time.
    if (this.#interruptedMs === undefined || this.#notices.at(-1)?.text !== why) this.notify(why);
    this.#interruptedMs ??= wallMs();
    this.changed.fire();
  }

  /** The publisher is back. */
  resume(): void {
    if (this.#interruptedMs === undefined) return;
    this.notify(`The publisher is back after ${((wallMs() - this.#interruptedMs) / 1000).toFixed(1)} s.`);
    this.#interruptedMs = undefined;
    this.changed.fire();
  }

  /** Says something to the publisher and the operator. */
  notify(text: string): void {
    this.#notices.push({ atMs: wallMs(), text });
    if (this.#notices.length > NOTICES_KEPT) this.#notices.shift();
  }

  /** Ends the broadcast once, for the first reason given; resolves when all bytes are in the file and it is closed. */
  end(end: BroadcastEnd): Promise<BroadcastEnd> {
    this.#ending ??= this.#finish(end);
    return this.#ending;
  }

  async #finish(end: BroadcastEnd): Promise<BroadcastEnd> {
    this.#scanner.end();
    if (end.reason === "finished" || end.reason === "stopped" || end.reason === "disconnected") {
      this.#index?.ended(this.log.length);
    }
    const failure = await this.log.end().then(
      () => undefined,
      (error: unknown) => ({ reason: "failed", error }) as const,
    );
    // The archive does not depend on it, and has ended.
    await this.#index?.[Symbol.asyncDispose]().catch(() => {});
    this.changed.fire();
    // What could not be stored was never acknowledged: who goes on with the broadcast sends it again.
    this.#settle(end.reason === "suspended" ? end : (failure ?? end));
    return this.ended;
  }

  #learn(event: ContainerEvent, arrivedMs: number, index: IndexFile | undefined): void {
    const epoch = this.#epochs.at(-1);
    if (event.type === "init") this.#begin(event, arrivedMs, index);
    else if (event.type === "damage") this.notify(`Some bytes could not be understood (from byte ${event.offset} on).`);
    else if (event.type === "frame") this.#frame(epoch, event);
    else if (epoch !== undefined) {
      const point = { ...event, arrivedMs };
      const at = epoch.goesBackTo(event.time) ? this.#beginAgain(epoch, point) : epoch;
      at.addResync(point);
      index?.resync(event.offset, event.time, event.preamble);
      this.changed.fire();
    }
  }

  #begin(event: Extract<ContainerEvent, { type: "init" }>, arrivedMs: number, index: IndexFile | undefined): void {
    this.#cutEpoch(event.offset);
    this.#epochs.push(new Epoch(this.#epochs.length, event, arrivedMs));
    index?.epoch(event.offset, event.end, event.kind);
    this.log.nudge();
    this.changed.fire();
  }

  /** The same container goes on with an earlier time: what follows cannot come behind what was there, but for a break. */
  #beginAgain({ init, kind, tracks }: Epoch, point: ResyncPoint): Epoch {
    this.#cutEpoch(point.offset);
    const epoch = new Epoch(this.#epochs.length, { type: "init", ...init, kind, tracks }, point.arrivedMs, point);
    this.#epochs.push(epoch);
    this.notify("The publisher's clock went back: viewers see a break there.");
    this.log.nudge();
    return epoch;
  }

  /** What begins at `offset` does not belong to the newest epoch any more. */
  #cutEpoch(offset: number): void {
    const epoch = this.#epochs.at(-1);
    if (epoch !== undefined && offset > epoch.init.offset) epoch.end ??= offset;
  }

  #frame(epoch: Epoch | undefined, event: Extract<ContainerEvent, { type: "frame" }>): void {
    if (epoch === undefined) return;
    const before = epoch.longestKeyInterval;
    epoch.addFrame(event);
    // A whole further second without a key frame: the encoder may have to change its ways.
    if (Math.floor(epoch.longestKeyInterval * 2) > Math.floor(before * 2)) this.changed.fire();
  }
}

import type { KeptBytes } from "./kept-bytes.ts";

/** What is read at once: while catching up, many small reads would take longer than the sending. */
const READ_BYTES = 512 * 1024;
/** What may be on its way at once: it lies in the browser's socket a second time. */
const WINDOW_BYTES = 4 * 1024 * 1024;
/**
 * What is acknowledged is kept this long all the same: the server writes it through to its disk only every second, and
 * asks for it again should its power fail before.
 */
const KEEP_ACKNOWLEDGED_MS = 3_000;

/** What comes next on the wire. */
export type Step =
  | { readonly kind: "restart"; readonly mimeType: string }
  | { readonly kind: "bytes"; readonly read: () => Promise<ArrayBuffer> };

/** A new container begins at this offset of what was recorded. */
interface Container {
  readonly offset: number;
  readonly mimeType: string;
}

/**
 * What a broadcast still has to send, in order, and what of it the server has. Everything here is counted from the first
 * recorded byte; the server counts from the broadcast's first byte, which is at `#base`: another place only after a part
 * of the recording could not be delivered, or when the page goes on with a broadcast that it began in an earlier life.
 */
export class Outbox {
  readonly #kept: KeptBytes;
  #containers: Container[] = [];
  #base = 0;
  #sent = 0;
  #acknowledged = 0;
  #restartedAt: number | undefined;
  #acknowledgements: { readonly offset: number; readonly atMs: number }[] = [];
  #needsContainer = false;

  constructor(kept: KeptBytes) {
    this.#kept = kept;
  }

  /** Bytes recorded so far. */
  get producedBytes(): number {
    return this.#kept.end;
  }

  /** Bytes that the server has acknowledged. */
  get acknowledgedBytes(): number {
    return this.#acknowledged;
  }

  /** How much recorded time the server has not acknowledged yet, in ms. */
  get unacknowledgedMs(): number {
    return this.#kept.msFrom(this.#acknowledged);
  }

  /** Whether bytes are on their way and not acknowledged. */
  get isExpectingAnswer(): boolean {
    return this.#sent > this.#acknowledged;
  }

  /** Whether everything is on its way at least. */
  get isSent(): boolean {
    return this.#sent === this.#kept.end;
  }

  /** Whether the server has acknowledged everything. */
  get isDelivered(): boolean {
    return this.#acknowledged === this.#kept.end;
  }

  /** Whether nothing of the broadcast has ever reached the server's archive, so that it can begin anew with all of it. */
  get isUntouched(): boolean {
    return this.#acknowledged === this.#base && this.#kept.begin <= this.#base;
  }

  /** Adds what was recorded. */
  append(bytes: Blob, nowMs: number): void {
    if (!this.#needsContainer) this.#kept.append(bytes, nowMs);
  }

  /** What is appended from now on is a new container. */
  beginContainer(mimeType: string): void {
    const offset = this.#kept.end;
    this.#needsContainer = false;
    this.#containers = [...this.#containers.filter((each) => each.offset < offset), { offset, mimeType }];
  }

  /** The server goes on at this byte of the broadcast. False when that byte is not kept any more. */
  resumeAt(wireOffset: number): boolean {
    const offset = wireOffset + this.#base;
    if (offset < this.#kept.begin || offset > this.#kept.end) return false;
    this.#sent = offset;
    this.#acknowledged = offset;
    this.#acknowledgements = [];
    this.#restartedAt = undefined;
    return true;
  }

  /**
   * What is kept does not continue what the server has, whose next byte is this one: goes on with the next container,
   * and tells how many ms of the recording are lost by that.
   */
  skipTo(wireOffset: number): number {
    const unacknowledgedMs = this.unacknowledgedMs;
    const next = this.#containers.find((each) => each.offset >= this.#acknowledged);
    const offset = next?.offset ?? this.#kept.end;
    this.#kept.trim(offset);
    this.#base = offset - wireOffset;
    this.#needsContainer = next === undefined;
    this.resumeAt(wireOffset);
    return unacknowledgedMs - this.unacknowledgedMs;
  }

  /** Whether nothing can be sent, nor is kept, before a new container begins. */
  get needsContainer(): boolean {
    return this.#needsContainer;
  }

  /** The server has everything before this byte in its archive. */
  acknowledge(wireOffset: number, nowMs: number): void {
    const offset = Math.min(wireOffset + this.#base, this.#sent);
    if (offset <= this.#acknowledged) return;
    this.#acknowledged = offset;
    this.#acknowledgements.push({ offset, atMs: nowMs });
    const old = this.#acknowledgements.findLastIndex(({ atMs }) => nowMs - atMs >= KEEP_ACKNOWLEDGED_MS);
    const [oldest] = this.#acknowledgements.splice(0, old + 1).slice(-1);
    if (oldest !== undefined) this.#kept.trim(oldest.offset);
    this.#containers = this.#containers.filter((each) => each.offset >= this.#kept.begin);
  }

  /** What to send now; undefined when all is on its way, or as much as may be. */
  next(): Step | undefined {
    const here = this.#containers.find(({ offset }) => offset === this.#sent);
    // The broadcast's first container needs no announcement.
    if (here !== undefined && here.offset !== this.#restartedAt && here.offset > this.#base) {
      return { kind: "restart", mimeType: here.mimeType };
    }
    const window = WINDOW_BYTES - (this.#sent - this.#acknowledged);
    const toNext = (this.#containers.find(({ offset }) => offset > this.#sent)?.offset ?? this.#kept.end) - this.#sent;
    const bytes = Math.min(window, toNext, READ_BYTES);
    return bytes <= 0 ? undefined : { kind: "bytes", read: () => this.#kept.read(this.#sent, bytes) };
  }

  /** The announcement that {@link next} gave has gone out. */
  restarted(): void {
    this.#restartedAt = this.#sent;
  }

  /** So many bytes that {@link next} gave have gone out. */
  passed(bytes: number): void {
    this.#sent += bytes;
  }
}

import type { Appendable, AppendQueue } from "./append-queue.ts";

/** What a track buffer tells. */
export interface TrackBufferReport {
  /** Something was appended or removed. */
  onChange(): void;
  /** The browser cannot decode this, or has closed the buffer. */
  onFailure(text: string): void;
}

/** When the browser has no room, everything further behind the picture than this goes. In seconds. */
const KEPT_WHEN_FULL_SECONDS = 3;

/** One source buffer with what waits for it: one append or removal at a time, in order. */
export class TrackBuffer {
  readonly #buffer: SourceBuffer;
  readonly #queue: AppendQueue;
  readonly #report: TrackBufferReport;
  readonly #position: () => number;
  #mime: string;
  #removals: { readonly begin: number; readonly end: number }[] = [];
  #isFull = false;

  /** `position` is where the picture is now, in seconds. */
  constructor(
    source: MediaSource,
    options: { mime: string; queue: AppendQueue; position: () => number; report: TrackBufferReport },
  ) {
    this.#mime = options.mime;
    this.#queue = options.queue;
    this.#position = options.position;
    this.#report = options.report;
    this.#buffer = source.addSourceBuffer(options.mime);
    this.#buffer.addEventListener("updateend", () => {
      this.work();
      this.#report.onChange();
    });
    this.#buffer.addEventListener("error", () => this.#report.onFailure("The browser cannot decode what comes"));
  }

  /** Whether something waits or is being appended. */
  get isBusy(): boolean {
    return this.#buffer.updating || this.#queue.bytes > 0 || this.#removals.length > 0;
  }

  /** Takes out what lies between two positions, in seconds, before anything more is appended. */
  remove(begin: number, end: number): void {
    this.#removals.push({ begin, end });
    this.work();
  }

  /** Does the next thing there is to do, if none is being done. */
  work(): void {
    if (this.#buffer.updating) return;
    try {
      if (!this.#remove()) this.#append();
    } catch (error) {
      this.#report.onFailure(`The browser's buffer failed: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  /** Removes nothing where there is nothing: that would be work for the browser, too. */
  #remove(): boolean {
    const { buffered } = this.#buffer;
    for (let next = this.#removals.shift(); next !== undefined; next = this.#removals.shift()) {
      const { begin, end } = next;
      const last = buffered.length - 1;
      if (last < 0 || begin >= end || buffered.start(0) >= end || buffered.end(last) <= begin) continue;
      this.#buffer.remove(begin, end);
      return true;
    }
    return false;
  }

  #append(): void {
    const item = this.#queue.take();
    if (item === undefined) return;
    try {
      this.#appendNow(item);
      this.#isFull = false;
    } catch (error) {
      // Tried again when some room was made; a second time in a row there is none to make.
      const isFull = error instanceof DOMException && error.name === "QuotaExceededError";
      if (!isFull || this.#isFull) throw error;
      this.#isFull = true;
      this.#queue.putBack(item);
      this.#removals = [{ begin: 0, end: this.#position() - KEPT_WHEN_FULL_SECONDS }];
      if (!this.#remove()) throw error;
    }
  }

  #appendNow(item: Appendable): void {
    if (item.kind === "init" && item.mime !== this.#mime) {
      this.#buffer.changeType(item.mime);
      this.#mime = item.mime;
    }
    // The compiler cannot know that no shared memory comes from a socket.
    this.#buffer.appendBuffer(item.bytes.slice());
  }
}

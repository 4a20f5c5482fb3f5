import { isLiveError } from "../core/errors.ts";
import { ByteWindow } from "./byte-window.ts";
import type { ContainerEvent, ContainerScanner } from "./container.ts";

/** What one container format adds to {@link StreamScanner}. */
export interface Grammar {
  /** True from the first complete init on: then damage is reported and survived, before it is refused. */
  readonly started: boolean;
  /**
   * Reads one unit where the window stands and moves past it. False: more bytes are needed, and it has not moved.
   * Throws `bad_container`, not having moved, at bytes that cannot be. Events may come in any case: what ended here.
   */
  step(window: ByteWindow, events: ContainerEvent[]): boolean;
  /** How many bytes `mayStart` looks at. */
  readonly startWidth: number;
  /** Whether reading could go on here after damage. Asked for every byte of the damaged stretch, so it must be quick. */
  mayStart(bytes: Uint8Array, at: number): boolean;
  /** Forgets everything that was open when the damage came. */
  recover(): void;
}

/**
 * Damage does not look like the beginning of a cluster or a fragment again and again; a stream made to waste our time
 * does. After this many false starts the search goes on in strides.
 */
const PATIENCE = 64;
const STRIDE_BYTES = 4096;

const NO_BYTES = new Uint8Array(0);

/** Follows a stream by its grammar, across damage. */
export class StreamScanner implements ContainerScanner {
  readonly #grammar: Grammar;
  readonly #window: ByteWindow;
  #searching = false;
  /** Damage was reported, and no event has come since. */
  #damaged = false;
  #failedAt = -1;
  /** Since the last event. */
  #failures = 0;

  constructor(grammar: Grammar, startOffset: number) {
    this.#grammar = grammar;
    this.#window = new ByteWindow(startOffset);
  }

  get heldBytes(): number {
    return this.#window.heldBytes;
  }

  push(chunk: Uint8Array): ContainerEvent[] {
    const events: ContainerEvent[] = [];
    this.#window.feed(chunk);
    while (this.#searching ? this.#search() : this.#step(events));
    this.#window.park();
    return events;
  }

  jump({ offset, preamble = NO_BYTES }: Parameters<ContainerScanner["jump"]>[0]): void {
    this.#grammar.recover();
    this.#window.jump(offset - preamble.byteLength);
    this.#searching = false;
    this.#damaged = false;
    this.push(preamble);
  }

  end(): void {}

  #step(events: ContainerEvent[]): boolean {
    const before = events.length;
    let moved: boolean | "lost";
    try {
      moved = this.#grammar.step(this.#window, events);
    } catch (error) {
      if (!this.#grammar.started || !isLiveError(error, "bad_container")) throw error;
      moved = "lost";
    }
    if (events.length > before) {
      this.#damaged = false;
      this.#failures = 0;
    }
    if (moved === "lost") this.#lose(events);
    return moved !== false;
  }

  #lose(events: ContainerEvent[]): void {
    const { offset } = this.#window;
    if (!this.#damaged) events.push({ type: "damage", offset });
    this.#damaged = true;
    this.#searching = true;
    this.#grammar.recover();
    // The place itself may be a good start that was not expected here; but it has only one chance.
    if (offset === this.#failedAt) this.#window.skip(1);
    this.#failedAt = offset;
    this.#failures += 1;
    if (this.#failures > PATIENCE) this.#window.skip(STRIDE_BYTES);
  }

  #search(): boolean {
    const { startWidth } = this.#grammar;
    const found = this.#window.skipUntil(startWidth, (bytes, at) => this.#grammar.mayStart(bytes, at));
    this.#searching = !found;
    return found;
  }
}

import { monotonicMs } from "../core/clock.ts";
import { LiveError } from "../core/errors.ts";

/** What an {@link IdleWatch} goes by. */
export interface IdleWatchOptions {
  /** How long a publisher may send nothing. */
  readonly limitMs: number;
  /** We do not read at the moment, so silence means nothing. */
  readonly isPaused: () => boolean;
  /** Bytes that have ever come over the connection: a large message is on its way for a while before it is there. */
  readonly bytesRead?: () => number;
  /** Called once, with why the publisher is let go. */
  readonly onIdle: (why: LiveError) => void;
}

/** Answers to pings are fewer bytes than this in a millisecond, and every message that will ever arrive is more. */
const MESSAGE_BYTES_PER_MS = 0.1;

/**
 * Notices a publisher that is connected and sends nothing of its stream. Its one timer is not set anew for each piece:
 * when it is due it looks when the last one came.
 */
export class IdleWatch implements Disposable {
  readonly #options: IdleWatchOptions;
  #timer: NodeJS.Timeout | undefined;
  #heardMs = 0;
  #bytes = 0;

  constructor(options: IdleWatchOptions) {
    this.#options = options;
    this.heard();
    this.#wait(options.limitMs);
  }

  /** Bytes of the stream have come. */
  heard(): void {
    this.#heardMs = monotonicMs();
    this.#bytes = this.#options.bytesRead?.() ?? 0;
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
  }

  #wait(ms: number): void {
    this.#timer = setTimeout(() => this.#look(), ms);
  }

  #look(): void {
    const { limitMs, isPaused, bytesRead, onIdle } = this.#options;
    const bytes = (bytesRead?.() ?? 0) - this.#bytes;
    if (isPaused() || bytes > limitMs * MESSAGE_BYTES_PER_MS) this.heard();
    const leftMs = this.#heardMs + limitMs - monotonicMs();
    if (leftMs > 0) return this.#wait(leftMs);
    onIdle(new LiveError("idle", `nothing was sent for ${limitMs / 1000} s (MILLRACE_IDLE_SECONDS)`));
  }
}

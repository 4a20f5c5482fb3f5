import type { LiveServerMessage } from "../../../server/protocol/live.ts";
import { pause } from "../../ui/poll.ts";
import { loadEvents } from "./load-events.ts";
import type { Marks } from "./marks.ts";

/** Without the live socket somebody has to ask. */
const ASK_MS = 1_000;
/** Where there were no events so far, there will hardly be any soon. */
const ASK_SELDOM_MS = 15_000;
const MAX_EMPTY = 15;
/** Each time a little of what is known already is asked for again: ranges that have ended since. In seconds. */
const OVERLAP_SECONDS = 3;

/** What following a channel's events needs. */
export interface LiveEventsParts {
  readonly address: string;
  readonly marks: Marks;
  /** The live socket tells of them by itself. */
  readonly isTold: () => boolean;
  readonly hidden: () => boolean;
}

/** Follows the events of what is live on a channel: over the live socket while it is used, else by asking. */
export class LiveEvents {
  readonly #parts: LiveEventsParts;
  #broadcast: string | undefined;
  /** Answers in a row without any. */
  #empty = 0;

  constructor(parts: LiveEventsParts) {
    this.#parts = parts;
  }

  /** Takes what the live socket says. */
  hear(words: LiveServerMessage, signal: AbortSignal): void {
    if (words.type === "event") this.#parts.marks.add(words.event);
    // What was before this viewer came is not told again.
    if (words.type === "tracks" && this.begin(words.broadcast)) void this.#ask(signal);
  }

  /** This broadcast is live; true when it is another one than before. */
  begin(broadcast: string): boolean {
    if (broadcast === this.#broadcast) return false;
    this.#broadcast = broadcast;
    this.#empty = 0;
    this.#parts.marks.clear();
    return true;
  }

  async run(signal: AbortSignal): Promise<void> {
    const { isTold, hidden } = this.#parts;
    while (!signal.aborted) {
      if (!isTold() && !hidden() && this.#broadcast !== undefined) await this.#ask(signal);
      await pause(this.#empty < MAX_EMPTY ? ASK_MS : ASK_SELDOM_MS, signal);
    }
  }

  async #ask(signal: AbortSignal): Promise<void> {
    const { marks, address } = this.#parts;
    const from = marks.newestSeconds;
    const query = from === undefined ? "" : `?from=${Math.max(0, from - OVERLAP_SECONDS).toFixed(3)}`;
    const found = await loadEvents(`${address}${query}`, signal);
    this.#empty = found.length > 0 ? 0 : this.#empty + 1;
    for (const event of found) marks.add(event);
  }
}

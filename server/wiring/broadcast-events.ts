import type { Broadcast } from "../broadcast/broadcast.ts";
import { wallMs } from "../core/clock.ts";
import type { Pulse } from "../core/pulse.ts";
import { factsOf } from "../packaging/facts.ts";
import type { Presentation } from "../packaging/presentation.ts";
import type { NewEvent } from "../protocol/events.ts";

/** What happened to a broadcast that needs not be named. */
export type Happened = OfOne<NewEvent>;
type OfOne<E> = E extends NewEvent ? Omit<E, "channel" | "broadcast"> : never;

/** Hears what happens to one broadcast. */
export type Tell = (happened: Happened) => void;

/** Tells of a publisher that goes away and comes back, of each rendition, and when there is something to watch. */
export class BroadcastEvents implements Disposable {
  readonly #broadcast: Broadcast;
  readonly #presentation: Presentation;
  readonly #tell: Tell;
  readonly #stops: readonly (() => void)[];
  readonly #told = new Set<string>();
  #awaySinceMs: number | undefined;
  #isLive = false;

  constructor(broadcast: Broadcast, presentation: Presentation, tell: Tell) {
    this.#broadcast = broadcast;
    this.#presentation = presentation;
    this.#tell = tell;
    this.#stops = [
      eachTime(broadcast.changed, () => this.#lookAtPublisher()),
      eachTime(presentation.moved, () => this.#lookAtTracks()),
    ];
  }

  [Symbol.dispose](): void {
    for (const stop of this.#stops) stop();
  }

  #lookAtPublisher(): void {
    const since = this.#broadcast.interruptedMs;
    if (since === this.#awaySinceMs) return;
    const before = this.#awaySinceMs;
    this.#awaySinceMs = since;
    if (before === undefined) this.#tell({ type: "broadcast.interrupted", data: {} });
    else this.#tell({ type: "broadcast.resumed", data: { awayMs: Math.round(wallMs() - before) } });
  }

  #lookAtTracks(): void {
    for (const track of this.#presentation.tracks) {
      if (this.#told.has(track.name)) continue;
      const facts = factsOf(track);
      if (facts === undefined) continue;
      this.#told.add(track.name);
      const data = { track: track.name, kind: track.kind, codecs: facts.codecs, ...facts.size };
      this.#tell({ type: "rendition.available", data });
    }
    if (this.#isLive || !this.#presentation.isReady) return;
    this.#isLive = true;
    this.#tell({ type: "channel.live", data: {} });
  }
}

/** Calls `look` whenever the pulse fires, until the returned function is called. */
function eachTime(pulse: Pulse, look: () => void): () => void {
  const wake = () => {
    pulse.add(wake);
    look();
  };
  pulse.add(wake);
  return () => pulse.delete(wake);
}

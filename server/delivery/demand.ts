import { TimedOut } from "../core/deadline.ts";
import { Pulse } from "../core/pulse.ts";
import type { LiveStore } from "../packaging/live-store.ts";
import { hold, type Leaving } from "./hold.ts";

/** Channels that begin when somebody wants to watch them. */
export interface Demand {
  /**
   * Somebody wants to watch a channel. `coming`: what is there now, if anything, is the end of what was before; `there`:
   * its broadcast has begun; undefined: there is no such channel, it cannot begin, or somebody else publishes to it.
   */
  want(channel: string): "coming" | "there" | undefined;
  /** Somebody is watching a channel. */
  touch(channel: string): void;
}

/** Where nothing begins by itself. */
export const NO_DEMAND: Demand = { want: () => undefined, touch: () => {} };

/** A source must be there, and its encoder, and a first segment of it. */
const PATIENCE_MS = 20_000;
const LOOK_MS = 50;

/** A viewer over HTTP, and what it wants. */
export interface Wish {
  readonly store: LiveStore;
  readonly demand: Demand;
  readonly channel: string;
  readonly request: Leaving;
}

/**
 * Waits for a channel that begins because this viewer wants it. Resolves when it can be played, and also when nothing
 * comes: what there is to be said then does not depend on it.
 */
export async function summon({ store, demand, channel, request }: Wish): Promise<void> {
  const look = () => {
    const wanted = demand.want(channel);
    if (wanted === "coming") return undefined;
    return wanted === undefined || store.onChannel(channel)?.presentation.isReady === true || undefined;
  };
  if (look() !== undefined) return;
  const pulse = new Pulse();
  const timer = setInterval(() => pulse.fire(), LOOK_MS);
  try {
    await hold({ pulse, request, limitMs: PATIENCE_MS }, look);
  } catch (error) {
    if (!(error instanceof TimedOut)) throw error;
  } finally {
    clearInterval(timer);
  }
}

import { deadline } from "../core/deadline.ts";
import type { Pulse } from "../core/pulse.ts";

/** How long a request is held, and who ends it before. */
export interface Holding {
  /** Fires when it is worth looking again. */
  readonly pulse: Pulse;
  /** Aborts when the viewer leaves. */
  readonly signal: AbortSignal;
  readonly limitMs: number;
}

/**
 * Answers what `look` finds, at once or when the pulse fires; `look` is asked until it finds something else than
 * undefined. Rejects when the viewer leaves, and with `TimedOut` after the limit. Nothing is left waiting.
 */
export async function hold<T>({ pulse, signal, limitMs }: Holding, look: () => T | undefined): Promise<T> {
  const found = look();
  if (found !== undefined) return found;
  using limit = deadline(signal, limitMs);
  while (true) {
    await pulse.wait(limit.signal);
    const later = look();
    if (later !== undefined) return later;
  }
}

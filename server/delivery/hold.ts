import { TimedOut } from "../core/deadline.ts";
import type { Pulse } from "../core/pulse.ts";

/** Somebody who may leave before there is an answer: a request, whose connection closes then. */
export interface Leaving {
  readonly destroyed: boolean;
  once(event: "close", listener: () => void): unknown;
  off(event: "close", listener: () => void): unknown;
}

/** Why nobody is there to be answered any more. */
export class ViewerLeft extends Error {
  override readonly name = "ViewerLeft";
}

/** How long a request is held, and who ends it before. */
export interface Holding {
  /** Fires when it is worth looking again. */
  readonly pulse: Pulse;
  readonly request: Leaving;
  readonly limitMs: number;
}

/** What follows it runs as soon as what runs now is over, without the resource that Node makes for each microtask. */
const SETTLED = Promise.resolve();

/**
 * Answers what `look` finds, at once or when the pulse fires; `look` is asked until it finds something else than
 * undefined. Rejects with `ViewerLeft` when the viewer leaves, and with `TimedOut` after the limit. Nothing is left
 * waiting.
 *
 * Thousands are held at once, five times a second each: hence no `AbortSignal`, which costs more than all the rest.
 */
export async function hold<T>(holding: Holding, look: () => T | undefined): Promise<T> {
  const found = look();
  if (found !== undefined) return found;
  const { pulse, request, limitMs } = holding;
  if (request.destroyed) throw new ViewerLeft("the viewer has left");
  return new Promise((resolve, reject) => {
    let isOver = false;
    const end = () => {
      isOver = true;
      clearTimeout(timer);
      pulse.delete(wake);
      request.off("close", leave);
    };
    const fail = (error: unknown) => {
      end();
      reject(error);
    };
    const lookAgain = () => {
      if (isOver) return;
      try {
        const later = look();
        if (later === undefined) return pulse.add(wake);
        end();
        resolve(later);
      } catch (error) {
        fail(error);
      }
    };
    // Not at once: whoever fires is in the middle of something.
    const wake = () => void SETTLED.then(lookAgain);
    const leave = () => fail(new ViewerLeft("the viewer has left"));
    const timer = setTimeout(() => fail(new TimedOut(`no answer within ${limitMs} ms`)), limitMs);
    pulse.add(wake);
    request.once("close", leave);
  });
}

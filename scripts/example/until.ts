import { setTimeout as sleep } from "node:timers/promises";

const POLL_MS = 200;

/** How long to wait, for what, and when to give up early. */
export interface Wait {
  /** Ends the sentence "waited in vain …". */
  readonly what: string;
  readonly limitMs?: number;
  /** Between two questions; 200 when not given. */
  readonly everyMs?: number;
  readonly signal?: AbortSignal;
}

/** Asks `probe` again and again until it answers something else than undefined. */
export async function until<T>(wait: Wait, probe: () => T | undefined | Promise<T | undefined>): Promise<T> {
  const end = Date.now() + (wait.limitMs ?? Number.POSITIVE_INFINITY);
  for (;;) {
    wait.signal?.throwIfAborted();
    const answer = await probe();
    if (answer !== undefined) return answer;
    if (Date.now() >= end) throw new Error(`waited in vain ${wait.what}`);
    await sleep(wait.everyMs ?? POLL_MS, undefined, wait.signal === undefined ? {} : { signal: wait.signal });
  }
}

/** The body at `url` once it is there; undefined as long as it is not. */
export async function fetchText(url: string): Promise<string | undefined> {
  const response = await fetch(url, { cache: "no-store" }).catch(() => undefined);
  const text = await response?.text();
  return response?.ok === true ? text : undefined;
}

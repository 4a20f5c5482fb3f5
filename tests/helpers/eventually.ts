import { setTimeout as sleep } from "node:timers/promises";

const POLL_MS = 5;
/** A question that takes long, such as a request to a server of this process, is asked a fifth of the time. */
const PAUSE_SHARE = 4;
const LONGEST_POLL_MS = 100;
/** Generous: only what never happens meets it, however busy the machine is. */
const LIMIT_MS = 40_000;

/** Waits until `holds` answers true; fails with `what` when that takes too long. */
export async function eventually(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  const end = performance.now() + LIMIT_MS;
  for (;;) {
    const asked = performance.now();
    if (await holds()) return;
    const now = performance.now();
    if (now > end) throw new Error(`waited in vain until ${what}`);
    await sleep(Math.min(Math.max(POLL_MS, PAUSE_SHARE * (now - asked)), LONGEST_POLL_MS));
  }
}

/** Lets everything run that does not wait for the outside: promises, and what they led to. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
}

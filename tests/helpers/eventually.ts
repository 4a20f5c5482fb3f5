import { setTimeout as sleep } from "node:timers/promises";

const POLL_MS = 5;
/** Generous: only what never happens meets it, however busy the machine is. */
const LIMIT_MS = 40_000;

/** Waits until `holds` answers true; fails with `what` when that takes too long. */
export async function eventually(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  const end = performance.now() + LIMIT_MS;
  while (!(await holds())) {
    if (performance.now() > end) throw new Error(`waited in vain until ${what}`);
    await sleep(POLL_MS);
  }
}

/** Lets everything run that does not wait for the outside: promises, and what they led to. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
}

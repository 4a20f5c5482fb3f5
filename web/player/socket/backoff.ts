const FIRST_MS = 300;
const MAX_MS = 8_000;

/**
 * The wait before try number `tries` (from 0) to reach the server again: it doubles each time, and half of it is left
 * to chance, so that a server's viewers do not come back all at once.
 */
export function retryWaitMs(tries: number, random = Math.random()): number {
  const full = Math.min(MAX_MS, FIRST_MS * 2 ** Math.min(tries, 10));
  return full * (0.5 + random / 2);
}

import { LiveError } from "../../core/errors.ts";
import { RequestLimit } from "../../core/request-limit.ts";

/** So many wrong ones at once, and then one every so many seconds. */
const AT_ONCE = 10;
const THEN_EVERY_SECONDS = 6;

/**
 * Slows down who guesses: after some wrong tokens or keys from one address nothing more is even looked at for a while,
 * be it right or wrong. Each lock has a count of its own, so that one encoder with an old key locks out no other.
 */
export class Guesses {
  readonly #limit: RequestLimit;

  constructor(now?: () => number) {
    const clock = now === undefined ? {} : { now };
    // Who needs no key has nothing to guess: no address is exempt.
    this.#limit = new RequestLimit({ perSecond: 1 / THEN_EVERY_SECONDS, burst: AT_ONCE, exempt: [], ...clock });
  }

  /** Throws `too_many` when `address` has to wait before it tries `lock` again. */
  check(lock: string, address: string | undefined): void {
    const seconds = this.#limit.wait(nameOf(lock, address));
    if (seconds > 0) throw new LiveError("too_many", `too many wrong keys: try again in ${seconds} s`);
  }

  /** Counts a wrong one. */
  wrong(lock: string, address: string | undefined): void {
    this.#limit.take(nameOf(lock, address));
  }
}

function nameOf(lock: string, address: string | undefined): string {
  return `${address ?? ""} ${lock}`;
}

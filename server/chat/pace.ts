import { monotonicMs } from "../core/clock.ts";
import { RequestLimit } from "../core/request-limit.ts";
import type { Person } from "./person.ts";

/** Nobody reads more from one person: five lines at once, then one every second and a half. */
const PERSON = { perSecond: 1 / 1.5, burst: 5, exempt: [] };
/** A household or an office has several people. */
const ADDRESS = { perSecond: 2, burst: 20, exempt: [] };
/** Every line goes to everybody: beyond this nobody could read them, and the server would do little else. */
const ROOM = { perSecond: 20, burst: 60, exempt: [] };

/** When people spoke last, for slow mode, is remembered for so many at least. */
const MAX_REMEMBERED = 10_000;

/** How often people may write, in all rooms together. */
export class Pace {
  readonly #persons: RequestLimit;
  readonly #addresses: RequestLimit;
  readonly #rooms: RequestLimit;
  readonly #spoke = new Map<string, number>();
  readonly #now: () => number;

  constructor(now: () => number = monotonicMs) {
    this.#now = now;
    this.#persons = new RequestLimit({ ...PERSON, now });
    this.#addresses = new RequestLimit({ ...ADDRESS, now });
    this.#rooms = new RequestLimit({ ...ROOM, now });
  }

  /** After how many seconds this person may write a line, 0 for now; then it is counted. */
  take(channel: string, person: Person, slowSeconds: number): number {
    const { key, caller, isModerator } = person;
    const rooms = this.#rooms.wait(channel);
    if (isModerator) {
      if (rooms === 0) this.#rooms.take(channel);
      return rooms;
    }
    const seconds = Math.max(
      rooms,
      this.#persons.wait(key),
      caller.isShared ? 0 : this.#addresses.wait(caller.hash),
      this.#slow(`${channel} ${key}`, slowSeconds),
    );
    if (seconds > 0) return seconds;
    this.#rooms.take(channel);
    this.#persons.take(key);
    if (!caller.isShared) this.#addresses.take(caller.hash);
    this.#remember(`${channel} ${key}`);
    return 0;
  }

  #slow(name: string, slowSeconds: number): number {
    const spoke = this.#spoke.get(name);
    if (slowSeconds === 0 || spoke === undefined) return 0;
    return Math.max(0, Math.ceil((spoke + slowSeconds * 1000 - this.#now()) / 1000));
  }

  #remember(name: string): void {
    // Put in again, so that the first is always the one that has been silent longest.
    this.#spoke.delete(name);
    this.#spoke.set(name, this.#now());
    if (this.#spoke.size <= MAX_REMEMBERED) return;
    const [oldest] = this.#spoke.keys();
    if (oldest !== undefined) this.#spoke.delete(oldest);
  }
}

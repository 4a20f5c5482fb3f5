import { monotonicMs } from "../core/clock.ts";
import { Rate } from "../core/rate.ts";
import { RequestLimit } from "../core/request-limit.ts";
import type { Person } from "./person.ts";

/** Nobody reads more from one person: five lines at once, then one every second and a half. */
const PERSON = { perSecond: 1 / 1.5, burst: 5, exempt: [] };
/** A household or an office has several people. */
const ADDRESS = { perSecond: 2, burst: 20, exempt: [] };
/** Every line goes to everybody: beyond this nobody could read them, and the server would do little else. */
const ROOM = { perSecond: 20, burst: 60, exempt: [] };

/**
 * Lines times people who get them, in all rooms: some microseconds each, so that the pictures, which share the processor,
 * do not suffer from a chat of thousands.
 */
const SENDS = { perSecond: 20_000, burst: 40_000 };

/** When people spoke last, for slow mode, is remembered for so many at least. */
const MAX_REMEMBERED = 10_000;

/** Where somebody wants to write. */
export interface PacedRoom {
  readonly channel: string;
  /** Who would get the line. */
  readonly people: number;
  /** Between two lines of one person; 0: none. */
  readonly slowSeconds: number;
}

/** How often people may write, in all rooms together. */
export class Pace {
  readonly #persons: RequestLimit;
  readonly #addresses: RequestLimit;
  readonly #rooms: RequestLimit;
  readonly #sends: Rate;
  readonly #spoke = new Map<string, number>();
  readonly #now: () => number;

  constructor(now: () => number = monotonicMs) {
    this.#now = now;
    this.#persons = new RequestLimit({ ...PERSON, now });
    this.#addresses = new RequestLimit({ ...ADDRESS, now });
    this.#rooms = new RequestLimit({ ...ROOM, now });
    this.#sends = new Rate({ ...SENDS, now });
  }

  /** After how many seconds this person may write a line, 0 for now; then it is counted. */
  take(person: Person, room: PacedRoom): number {
    const { channel, people } = room;
    const all = Math.max(this.#rooms.wait(channel), Math.ceil(this.#sends.waitMs() / 1000));
    const seconds = person.isModerator ? all : Math.max(all, this.#own(person, room));
    if (seconds > 0) return seconds;
    this.#rooms.take(channel);
    this.#sends.add(people);
    if (!person.isModerator) this.#count(person, room);
    return 0;
  }

  #own({ key, caller }: Person, { channel, slowSeconds }: PacedRoom): number {
    const address = caller.isShared ? 0 : this.#addresses.wait(caller.hash);
    return Math.max(this.#persons.wait(key), address, this.#slow(`${channel} ${key}`, slowSeconds));
  }

  #count({ key, caller }: Person, { channel }: PacedRoom): void {
    this.#persons.take(key);
    if (!caller.isShared) this.#addresses.take(caller.hash);
    this.#remember(`${channel} ${key}`);
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

import { monotonicMs } from "../core/clock.ts";
import { skeleton } from "../protocol/chat-text.ts";
import type { Person } from "./person.ts";

/** More are not remembered; those that end first are forgotten first. */
const MAX_MARKS = 30_000;

/** Who may not write for a while: by name, by client, and by address where that is one person's or household's. */
export class TimeOuts {
  readonly #until = new Map<string, number>();
  readonly #now: () => number;

  constructor(now: () => number = monotonicMs) {
    this.#now = now;
  }

  add(channel: string, person: Person, seconds: number): void {
    const until = this.#now() + seconds * 1000;
    for (const mark of marks(channel, person)) this.#until.set(mark, Math.max(until, this.#until.get(mark) ?? 0));
    if (this.#until.size > MAX_MARKS) this.#forget();
  }

  /** Seconds until this person may write again; 0 when it may. */
  left(channel: string, person: Person): number {
    const until = marks(channel, person).map((mark) => this.#until.get(mark) ?? 0);
    return Math.max(0, Math.ceil((Math.max(...until) - this.#now()) / 1000));
  }

  #forget(): void {
    const soonest = [...this.#until].toSorted(([, a], [, b]) => a - b);
    for (const [mark] of soonest.slice(0, MAX_MARKS / 2)) this.#until.delete(mark);
  }
}

function marks(channel: string, { key, name, caller }: Person): string[] {
  const address = caller.isShared ? [] : [`${channel} address ${caller.hash}`];
  return [`${channel} client ${key}`, `${channel} name ${skeleton(name)}`, ...address];
}

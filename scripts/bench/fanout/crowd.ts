import { Lateness } from "./lateness.ts";
import { sharedMs } from "./stage.ts";
import type { CrowdReport } from "./talk.ts";

/** Where viewers connect to, and when the broadcast's first moment was, in Unix ms. */
export interface Aim {
  readonly port: number;
  readonly epochMs: number;
}

/** A group of viewers, and what they have seen since somebody began to measure. */
export class Crowd {
  readonly aim: Aim;
  readonly #lateness = new Lateness();
  readonly #refused = new Map<string, number>();
  readonly #failed = new Map<string, number>();
  #served = 0;
  #bytes = 0;
  #answers = 0;
  #sinceMs = sharedMs();

  constructor(aim: Aim) {
    this.aim = aim;
  }

  /** How many have got something, or have been told why not. */
  get answered(): number {
    return this.#served + [...this.#refused.values()].reduce((sum, count) => sum + count, 0);
  }

  /** A viewer has got its first picture. */
  served(): void {
    this.#served += 1;
  }

  /** A viewer was not let in. */
  refused(reason: string): void {
    count(this.#refused, reason);
  }

  /** A viewer has lost what it was promised. */
  failed(reason: string): void {
    count(this.#failed, reason);
  }

  received(bytes: number): void {
    this.#bytes += bytes;
  }

  answer(): void {
    this.#answers += 1;
  }

  /** A picture has arrived that was due at this Unix time in ms. */
  picture(dueMs: number): void {
    this.#lateness.add(sharedMs() - dueMs);
  }

  measure(): void {
    this.#lateness.clear();
    this.#bytes = 0;
    this.#answers = 0;
    this.#sinceMs = sharedMs();
  }

  get report(): CrowdReport {
    const lateness = this.#lateness;
    return {
      seconds: (sharedMs() - this.#sinceMs) / 1000,
      served: this.#served,
      refused: Object.fromEntries(this.#refused),
      failed: Object.fromEntries(this.#failed),
      bytes: this.#bytes,
      answers: this.#answers,
      lateness: lateness.count === 0 ? null : { p50: lateness.at(0.5), p99: lateness.at(0.99) },
    };
  }
}

function count(counts: Map<string, number>, reason: string): void {
  counts.set(reason, (counts.get(reason) ?? 0) + 1);
}

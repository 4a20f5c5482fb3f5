import type { ClockSample } from "../../ui/server-clock.ts";

/** Samples that are kept: at one every ten seconds, those of the last two minutes. */
const KEPT = 12;
/** Two clocks move apart by less than this while samples are kept. In ms. */
const DRIFT_MS = 8;

/**
 * The server's clock, from questions that were answered: the offset is that of the quickest answer, which can be wrong
 * by no more than half of its round trip. An answer that contradicts what is known means that a clock was set or that
 * the machine slept; what was known before is forgotten.
 */
export class ClockSync {
  #samples: ClockSample[] = [];
  #best: ClockSample | undefined;

  /** How far the server's clock is ahead of this machine's, in ms; undefined before the first answer. */
  get offsetMs(): number | undefined {
    return this.#best && offsetOf(this.#best);
  }

  /** Time between the quickest question and its answer, in ms. */
  get roundTripMs(): number | undefined {
    return this.#best && roundTripOf(this.#best);
  }

  /** Takes one answer. */
  add(sample: ClockSample): void {
    if (roundTripOf(sample) < 0) return;
    if (this.#best !== undefined && contradict(this.#best, sample)) this.#samples = [];
    this.#samples = [...this.#samples, sample].slice(-KEPT);
    this.#best = this.#samples.reduce((best, each) => (roundTripOf(each) <= roundTripOf(best) ? each : best));
  }
}

function offsetOf({ askedMs, answeredMs, serverMs }: ClockSample): number {
  return serverMs - (askedMs + answeredMs) / 2;
}

function roundTripOf({ askedMs, answeredMs }: ClockSample): number {
  return answeredMs - askedMs;
}

function contradict(a: ClockSample, b: ClockSample): boolean {
  const slackMs = (roundTripOf(a) + roundTripOf(b)) / 2 + DRIFT_MS;
  return Math.abs(offsetOf(a) - offsetOf(b)) > slackMs;
}

/** How a broadcast stands on its line at one moment. */
export interface LineSample {
  readonly nowMs: number;
  readonly producedBytes: number;
  readonly acknowledgedBytes: number;
  readonly isConnected: boolean;
}

/** The least that a picture is worth sending at. */
const FLOOR_KBPS = 150;
/** The line is judged over this much time without a break. */
const WINDOW_MS = 4_000;
/** A line that only hesitated is well again before it was judged too slow for so long. */
const PERSIST_MS = 3_000;
/** No samples for longer: the machine slept, and nothing can be said of the line. */
const BREAK_MS = 2_000;
/** Waiting bytes are a reason to act when the line takes longer than the first to bring them, or than the second to catch up. */
const BEHIND_MS = 2_000;
const CATCH_UP_MS = 60_000;
/** What the recorder spends on sound. */
const AUDIO_KBPS = 128;
/** How much of what the line brings is used. */
const SHARE = 0.75;
/** The least step down: a smaller one is not worth a new container. */
const LEAST_STEP = 0.75;
const CLIMB = 1.5;
/** So long all must be well before more is tried; doubled each time that it was too much. */
const CLIMB_MS = 2 * 60_000;
const LONGEST_CLIMB_MS = 16 * 60_000;
/** A step down so soon after a climb proves that the climb was too much. */
const REGRET_MS = 60_000;

/** Finds the bit rate that the line carries: down when bytes pile up, up again after a while without trouble. */
export class BitRate {
  #wantedKbps: number;
  #kbps: number;
  #samples: LineSample[] = [];
  #calmSinceMs: number | undefined;
  #climbedMs = Number.NEGATIVE_INFINITY;
  #climbAfterMs = CLIMB_MS;
  #behindSinceMs: number | undefined;

  constructor(wantedKbps: number) {
    this.#wantedKbps = wantedKbps;
    this.#kbps = wantedKbps;
  }

  /** What the recorder should make of the picture, in kbit/s. */
  get kbps(): number {
    return this.#kbps;
  }

  /** What to say about it; undefined while all is well. */
  get warning(): string | undefined {
    if (this.#behindSinceMs !== undefined && this.#kbps === this.#floor) {
      return `Your connection does not keep up, not even with ${this.#kbps} kbit/s.`;
    }
    if (this.#kbps === this.#wantedKbps) return undefined;
    return `Your connection is too slow for ${this.#wantedKbps} kbit/s: ${this.#kbps} kbit/s are sent now. More is tried later.`;
  }

  /** The person wants another bit rate. */
  want(kbps: number): void {
    this.#wantedKbps = kbps;
    this.#climbAfterMs = CLIMB_MS;
    this.#change(kbps);
  }

  /** Call a few times a second. True when {@link kbps} has changed: the recorder has to begin anew with it. */
  judge(sample: LineSample): boolean {
    if (!sample.isConnected) {
      this.#restart();
      return false;
    }
    if (sample.nowMs - (this.#samples.at(-1) ?? sample).nowMs > BREAK_MS) this.#restart();
    this.#samples.push(sample);
    const [first = sample] = this.#samples;
    if (sample.nowMs - first.nowMs < WINDOW_MS) return false;
    this.#samples = this.#samples.filter(({ nowMs }) => sample.nowMs - nowMs < WINDOW_MS);
    const line = lineBetween(first, sample);
    if (!isTooSlow(line)) {
      this.#behindSinceMs = undefined;
      return this.#climb(line, sample.nowMs);
    }
    this.#behindSinceMs ??= sample.nowMs;
    this.#calmSinceMs = undefined;
    return sample.nowMs - this.#behindSinceMs >= PERSIST_MS && this.#stepDown(line, sample.nowMs);
  }

  get #floor(): number {
    return Math.min(FLOOR_KBPS, this.#wantedKbps);
  }

  #stepDown({ acknowledgedKbps }: Line, nowMs: number): boolean {
    if (this.#kbps <= this.#floor) return false;
    if (nowMs - this.#climbedMs < REGRET_MS) this.#climbAfterMs = Math.min(LONGEST_CLIMB_MS, 2 * this.#climbAfterMs);
    const carried = Math.min(SHARE * acknowledgedKbps - AUDIO_KBPS, LEAST_STEP * this.#kbps);
    this.#change(Math.max(this.#floor, Math.floor(carried / 10) * 10));
    return true;
  }

  #climb({ waitingMs }: Line, nowMs: number): boolean {
    this.#calmSinceMs = waitingMs < BEHIND_MS ? (this.#calmSinceMs ?? nowMs) : undefined;
    if (this.#kbps === this.#wantedKbps || this.#calmSinceMs === undefined) return false;
    if (nowMs - this.#calmSinceMs < this.#climbAfterMs) return false;
    this.#climbedMs = nowMs;
    this.#change(Math.min(this.#wantedKbps, Math.ceil(CLIMB * this.#kbps)));
    return true;
  }

  #change(kbps: number): void {
    this.#kbps = kbps;
    this.#restart();
  }

  #restart(): void {
    this.#samples = [];
    this.#calmSinceMs = undefined;
    this.#behindSinceMs = undefined;
  }
}

/** What went over the line in a span of time. */
interface Line {
  readonly producedKbps: number;
  readonly acknowledgedKbps: number;
  readonly waitingKbit: number;
  /** How long the line takes for what waits. */
  readonly waitingMs: number;
}

function lineBetween(from: LineSample, to: LineSample): Line {
  const ms = to.nowMs - from.nowMs;
  const kbps = (bytes: number) => (bytes * 8) / ms;
  const acknowledgedKbps = kbps(to.acknowledgedBytes - from.acknowledgedBytes);
  const waitingKbit = ((to.producedBytes - to.acknowledgedBytes) * 8) / 1000;
  return {
    producedKbps: kbps(to.producedBytes - from.producedBytes),
    acknowledgedKbps,
    waitingKbit,
    waitingMs: acknowledgedKbps > 0 ? (waitingKbit / acknowledgedKbps) * 1000 : Number.POSITIVE_INFINITY,
  };
}

/** Bytes wait, and at this rate they would do so for ever, or for too long. Without any answer the line is dead, not slow. */
function isTooSlow({ producedKbps, acknowledgedKbps, waitingKbit, waitingMs }: Line): boolean {
  if (acknowledgedKbps <= 0 || waitingMs < BEHIND_MS) return false;
  const surplus = acknowledgedKbps - producedKbps;
  return surplus <= 0 || (waitingKbit / surplus) * 1000 > CATCH_UP_MS;
}

/** Gates of ITU-R BS.1770-5: below the first nothing counts, below the second (under the mean of the rest) neither. */
const ABSOLUTE_GATE = -70;
const RELATIVE_GATE = -10;
/** Blocks of 100 ms: 4 of them are "momentary", 30 "short-term" (EBU Tech 3341). */
export const BLOCK_SECONDS = 0.1;
const MOMENTARY_BLOCKS = 4;
const SHORT_TERM_BLOCKS = 30;
/** The histogram of momentary loudness, which the gates are applied to: 0.01 LU per bin from −70 to +10 LUFS. */
const BINS_PER_LU = 100;
const BINS = 80 * BINS_PER_LU;

/** Loudness in LUFS; undefined while there has been too little sound, and below the absolute gate. */
export interface Loudness {
  readonly momentary: number | undefined;
  readonly shortTerm: number | undefined;
  /** Of the whole programme so far, gated. */
  readonly integrated: number | undefined;
}

/** Programme loudness by EBU R128 (ITU-R BS.1770-5) of one block after the other, for mono and stereo. */
export class LoudnessMeter {
  /** Mean squares of the newest blocks, all channels added up. */
  #blocks: number[] = [];
  readonly #counts = new Float64Array(BINS);

  /** `energy` is the mean square of 100 ms of K-weighted sound, channels added up. */
  add(energy: number): void {
    this.#blocks = [...this.#blocks.slice(1 - SHORT_TERM_BLOCKS), energy];
    // Windows of 400 ms that overlap by 75 %: one more with every block.
    const { momentary } = this.loudness;
    if (momentary === undefined) return;
    const bin = Math.min(BINS - 1, Math.floor((momentary - ABSOLUTE_GATE) * BINS_PER_LU));
    this.#counts[bin] = (this.#counts[bin] ?? 0) + 1;
  }

  get loudness(): Loudness {
    return {
      momentary: this.#over(MOMENTARY_BLOCKS),
      shortTerm: this.#over(SHORT_TERM_BLOCKS),
      integrated: this.#integrated(),
    };
  }

  #over(count: number): number | undefined {
    const newest = this.#blocks.slice(-count);
    if (newest.length < count) return undefined;
    return audible(toLufs(newest.reduce((sum, energy) => sum + energy, 0) / count));
  }

  #integrated(): number | undefined {
    const gate = this.#meanAbove(ABSOLUTE_GATE);
    return gate === undefined ? undefined : this.#meanAbove(gate + RELATIVE_GATE);
  }

  #meanAbove(gate: number): number | undefined {
    let sum = 0;
    let count = 0;
    for (let bin = 0; bin < BINS; bin++) {
      const lufs = ABSOLUTE_GATE + (bin + 0.5) / BINS_PER_LU;
      const blocks = lufs < gate ? 0 : (this.#counts[bin] ?? 0);
      count += blocks;
      sum += blocks * toEnergy(lufs);
    }
    return count === 0 ? undefined : toLufs(sum / count);
  }
}

/** The two filters of K-weighting at 48 kHz (ITU-R BS.1770-5, tables 1 and 2): the head, then the low end. */
const STAGES = [
  { b: [1.53512485958697, -2.69169618940638, 1.19839281085285], a: [-1.69065929318241, 0.73248077421585] },
  { b: [1, -2, 1], a: [-1.99004745483398, 0.99007225036621] },
] as const;
/** What the filters are made for. */
export const METER_HZ = 48_000;

/** K-weighting of one channel; keeps its state from one stretch of sound to the next. */
export class KWeighting {
  readonly #stages = STAGES.map(({ b, a }) => ({ b, a, z: [0, 0] as [number, number] }));

  /** The weighted value of the next sample, which is from −1 to 1. */
  next(sample: number): number {
    let value = sample;
    for (const { b, a, z } of this.#stages) {
      // Transposed direct form II.
      const out = b[0] * value + z[0];
      z[0] = b[1] * value - a[0] * out + z[1];
      z[1] = b[2] * value - a[1] * out;
      value = out;
    }
    return value;
  }
}

function toLufs(energy: number): number {
  return -0.691 + 10 * Math.log10(Math.max(energy, Number.MIN_VALUE));
}

function toEnergy(lufs: number): number {
  return 10 ** ((lufs + 0.691) / 10);
}

function audible(lufs: number): number | undefined {
  return lufs <= ABSOLUTE_GATE ? undefined : lufs;
}

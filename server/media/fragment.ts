import { LiveError } from "../core/errors.ts";
import { Fields } from "./fields.ts";
import { findBox, innerBoxes } from "./inner-boxes.ts";
import type { SampleDefaults } from "./movie.ts";

/** What one traf of a moof says of its samples. All times in the track's ticks. */
export interface TrackFragment {
  readonly trackId: number;
  /** Of the first sample (tfdt, ISO/IEC 14496-12 §8.8.12); a writer may leave it out. */
  readonly decodeTime: number | undefined;
  readonly samples: number;
  /** Its media is addressed by offsets from the beginning of the file, so nothing before it may be left out. */
  readonly absolute: boolean;
  /** Sum of the samples' durations. */
  readonly duration: number;
  /** The first sample is a sync sample. */
  readonly startsWithKey: boolean;
  /** Presentation time of the first sample, minus `decodeTime`. */
  readonly firstOffset: number;
  /** The same for every sync sample after the first. */
  readonly laterKeyOffsets: readonly number[];
  /** Earliest presentation time of all samples, minus `decodeTime`. */
  readonly earliestOffset: number;
}

const TFHD = { baseDataOffset: 0x1, sampleDescription: 0x2, duration: 0x8, size: 0x10, flags: 0x20 };
const TRUN = { dataOffset: 0x1, firstFlags: 0x4, duration: 0x100, size: 0x200, flags: 0x400, compositionOffset: 0x800 };
const NON_SYNC_SAMPLE = 0x10000;

/** Reads the body of a moof box: one fragment for each traf of a track that `defaultsOf` knows. */
export function parseFragments(
  moof: Uint8Array,
  defaultsOf: (trackId: number) => SampleDefaults | undefined,
): TrackFragment[] {
  const fragments: TrackFragment[] = [];
  for (const { type, body } of innerBoxes(moof)) {
    if (type === "traf") {
      const fragment = parseTrackFragment(body, defaultsOf);
      if (fragment !== undefined) fragments.push(fragment);
    }
  }
  return fragments;
}

function parseTrackFragment(
  traf: Uint8Array,
  defaultsOf: (trackId: number) => SampleDefaults | undefined,
): TrackFragment | undefined {
  const boxes = innerBoxes(traf);
  const tfhd = new Fields(findBox(boxes, "tfhd") ?? new Uint8Array(0), "tfhd");
  const flags = tfhd.u32();
  const trackId = tfhd.u32();
  const movieDefaults = defaultsOf(trackId);
  if (movieDefaults === undefined) return undefined;

  const samples = new SampleRuns(readDefaults(tfhd, flags, movieDefaults));
  for (const { type, body } of boxes) {
    if (type === "trun") samples.add(new Fields(body, "trun"));
  }
  const absolute = (flags & TFHD.baseDataOffset) !== 0;
  return { trackId, absolute, decodeTime: readDecodeTime(findBox(boxes, "tfdt")), ...samples.summary() };
}

/** §8.8.7 */
function readDefaults(tfhd: Fields, flags: number, movie: SampleDefaults): SampleDefaults {
  if (flags & TFHD.baseDataOffset) tfhd.skip(8);
  if (flags & TFHD.sampleDescription) tfhd.skip(4);
  return {
    duration: flags & TFHD.duration ? tfhd.u32() : movie.duration,
    size: flags & TFHD.size ? tfhd.u32() : movie.size,
    flags: flags & TFHD.flags ? tfhd.u32() : movie.flags,
  };
}

/** Read as signed: FFmpeg writes the priming of AAC as a time before 0. */
function readDecodeTime(tfdt: Uint8Array | undefined): number | undefined {
  if (tfdt === undefined) return undefined;
  const fields = new Fields(tfdt, "tfdt");
  const wide = fields.u8() === 1;
  fields.skip(3);
  return wide ? fields.i64() : fields.u32();
}

/** Sums up the runs of one traf (trun, §8.8.8). */
class SampleRuns {
  readonly #defaults: SampleDefaults;
  #samples = 0;
  #duration = 0;
  #startsWithKey = false;
  #firstOffset = 0;
  readonly #laterKeyOffsets: number[] = [];
  #earliestOffset = Number.POSITIVE_INFINITY;

  constructor(defaults: SampleDefaults) {
    this.#defaults = defaults;
  }

  add(trun: Fields): void {
    const versionAndFlags = trun.u32();
    const flags = versionAndFlags & 0xffffff;
    const count = trun.u32();
    if (flags & TRUN.dataOffset) trun.skip(4);
    const firstFlags = flags & TRUN.firstFlags ? trun.u32() : undefined;
    if (count === 0) return;
    if (flags & (TRUN.duration | TRUN.size | TRUN.flags | TRUN.compositionOffset)) {
      this.#addEach(trun, { flags, signed: versionAndFlags >>> 24 > 0, count, firstFlags });
    } else {
      // Nothing differs from sample to sample, and `count` may be any number: no loop.
      this.#addSample(this.#defaults.duration, firstFlags ?? this.#defaults.flags, 0);
      this.#samples += count - 1;
      this.#duration += (count - 1) * this.#defaults.duration;
    }
  }

  summary(): Omit<TrackFragment, "trackId" | "absolute" | "decodeTime"> {
    if (!Number.isSafeInteger(this.#duration)) throw new LiveError("bad_container", "trun has an impossible duration");
    return {
      samples: this.#samples,
      duration: this.#duration,
      startsWithKey: this.#startsWithKey,
      firstOffset: this.#firstOffset,
      laterKeyOffsets: this.#laterKeyOffsets,
      earliestOffset: this.#samples === 0 ? 0 : this.#earliestOffset,
    };
  }

  /** Each sample has at least one field, so the box's length bounds the loop. */
  #addEach(trun: Fields, run: { flags: number; signed: boolean; count: number; firstFlags: number | undefined }): void {
    for (let index = 0; index < run.count; index++) {
      const duration = run.flags & TRUN.duration ? trun.u32() : this.#defaults.duration;
      if (run.flags & TRUN.size) trun.skip(4);
      const own = run.flags & TRUN.flags ? trun.u32() : this.#defaults.flags;
      const offset = run.flags & TRUN.compositionOffset ? (run.signed ? trun.i32() : trun.u32()) : 0;
      this.#addSample(duration, index === 0 ? (run.firstFlags ?? own) : own, offset);
    }
  }

  #addSample(duration: number, flags: number, compositionOffset: number): void {
    const offset = this.#duration + compositionOffset;
    const key = (flags & NON_SYNC_SAMPLE) === 0;
    if (this.#samples === 0) {
      this.#startsWithKey = key;
      this.#firstOffset = offset;
    } else if (key) this.#laterKeyOffsets.push(offset);
    this.#earliestOffset = Math.min(this.#earliestOffset, offset);
    this.#samples += 1;
    this.#duration += duration;
  }
}

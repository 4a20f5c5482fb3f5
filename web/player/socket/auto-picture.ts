/** A picture that can be had; `bandwidth` in bit/s as far as it is known. */
export interface PictureOption {
  readonly name: string;
  readonly bandwidth?: number | undefined;
  readonly height?: number | undefined;
}

/** What is seen of the line at one moment. */
export interface LineGlance {
  readonly nowMs: number;
  readonly pictures: readonly PictureOption[];
  /** The picture on screen, by its name. */
  readonly playing: string;
  /** Times that the server left something out because the viewer was too slow. */
  readonly skips: number;
  /** How much later than the delay allows media comes, in ms; below 0 it comes in time. */
  readonly overdueMs: number;
  /** What comes in bit/s; when too little comes, this is what the line can carry. */
  readonly bitsPerSecond: number | undefined;
  /** How quickly what was ready at a picture's beginning came, in bit/s; given once for each beginning. */
  readonly burst: number | undefined;
}

/** Media that comes late for so long means that the line is too slow. */
const LATE_MS = 1_500;
/** Of what the line carries, so much may be used. */
const USABLE = 0.8;
/** After a change, what is seen is still of the old picture for so long. */
const SETTLE_MS = 3_000;
/** A larger picture is tried after so long without trouble; each try that fails doubles it. */
const FIRST_TRY_MS = 15_000;
const MAX_TRY_MS = 300_000;
/** Trouble this soon after a larger picture was tried means that the try has failed. */
const FAILED_MS = 30_000;

/**
 * Chooses the picture for a line: a smaller one at once when the line turns out to carry less, when the server leaves
 * something out, or when media comes too late for a while; a larger one as a try after a quiet time, which grows with
 * each try that fails.
 */
export class AutoPicture {
  #skips = 0;
  #lateSinceMs: number | undefined;
  #changedMs: number | undefined;
  #quietSinceMs: number | undefined;
  #triedMs: number | undefined;
  #tryMs = FIRST_TRY_MS;

  /** Looks once; gives the name of the picture to change to, or undefined. Call it about once a second. */
  choose(glance: LineGlance): string | undefined {
    const { nowMs } = glance;
    const ladder = smallestFirst(glance.pictures);
    const index = ladder.findIndex(({ name }) => name === glance.playing);
    const isTooSlow = this.#isTooSlow(glance);
    this.#changedMs ??= nowMs - SETTLE_MS;
    if (index < 0) return undefined;
    // The line itself says that this picture is too much for it: no need to wait for the harm.
    const { burst } = glance;
    if (burst !== undefined && burst < (ladder[index]?.bandwidth ?? 0)) {
      return this.#change(nowMs, this.#smaller(ladder, index, { ...glance, bitsPerSecond: burst }));
    }
    if (nowMs - this.#changedMs < SETTLE_MS) return undefined;
    if (isTooSlow) return this.#change(nowMs, this.#smaller(ladder, index, glance));
    this.#quietSinceMs ??= nowMs;
    const larger = ladder[index + 1];
    if (larger === undefined || nowMs - this.#quietSinceMs < this.#tryMs) return undefined;
    this.#triedMs = nowMs;
    return this.#change(nowMs, larger.name);
  }

  #isTooSlow({ nowMs, skips, overdueMs }: LineGlance): boolean {
    const hasSkipped = skips > this.#skips;
    this.#skips = skips;
    if (overdueMs > 0) this.#lateSinceMs ??= nowMs;
    else this.#lateSinceMs = undefined;
    const isTooSlow = hasSkipped || (this.#lateSinceMs !== undefined && nowMs - this.#lateSinceMs >= LATE_MS);
    if (isTooSlow) this.#quietSinceMs = undefined;
    return isTooSlow;
  }

  /** The largest that the line carries, or the next smaller one. */
  #smaller(ladder: readonly PictureOption[], index: number, { nowMs, bitsPerSecond }: LineGlance): string | undefined {
    if (this.#triedMs !== undefined && nowMs - this.#triedMs < FAILED_MS) {
      this.#tryMs = Math.min(MAX_TRY_MS, this.#tryMs * 2);
    }
    this.#triedMs = undefined;
    const smaller = ladder.slice(0, index);
    const usable = bitsPerSecond === undefined ? 0 : bitsPerSecond * USABLE;
    const fits = smaller.findLast(({ bandwidth }) => bandwidth !== undefined && bandwidth <= usable);
    return (fits ?? smaller[0])?.name;
  }

  #change(nowMs: number, name: string | undefined): string | undefined {
    if (name === undefined) return undefined;
    this.#changedMs = nowMs;
    this.#lateSinceMs = undefined;
    this.#quietSinceMs = undefined;
    return name;
  }
}

/** By bit rate where all are known, else by height, else as listed: the first is the publisher's own. */
function smallestFirst(pictures: readonly PictureOption[]): PictureOption[] {
  const size = ({ bandwidth, height }: PictureOption) => (areKnown ? (bandwidth ?? 0) : (height ?? 0));
  const areKnown = pictures.every(({ bandwidth }) => bandwidth !== undefined);
  return pictures.toReversed().sort((a, b) => size(a) - size(b));
}

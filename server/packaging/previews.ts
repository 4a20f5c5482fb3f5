/** Two times this close are the same: a frame of video at 100 per second, or FFmpeg's rounding. In seconds. */
const EPSILON = 0.011;

/** One preview image. */
export interface PreviewImage {
  /** Counted from 0, without gaps. */
  readonly number: number;
  /** When it is shown, in seconds on the broadcast's timeline. */
  readonly seconds: number;
  /** A JPEG. */
  readonly bytes: Uint8Array;
}

/** Keeps a recording's preview images. Must not throw. */
export interface PreviewKeeper {
  preview(image: PreviewImage): void;
}

/** How a broadcast's preview images are made. */
export interface PreviewsOptions {
  /** How far apart they are. */
  readonly everySeconds: number;
  /** Undefined when nothing is recorded. */
  readonly keeper?: PreviewKeeper | undefined;
  /** Times of those that an earlier life of the server kept. */
  readonly past?: readonly number[] | undefined;
}

/** The preview images of one broadcast: counts them, whatever happens to the encoder, and has the newest. */
export class Previews {
  readonly #options: PreviewsOptions;
  #newest: PreviewImage | undefined;
  #first: number | undefined;
  #last: number | undefined;
  #count: number;

  constructor(options: PreviewsOptions) {
    this.#options = options;
    const past = options.past ?? [];
    this.#first = past[0];
    this.#last = past.at(-1);
    this.#count = past.length;
  }

  /** Undefined before there was one in this life of the server. */
  get newest(): PreviewImage | undefined {
    return this.#newest;
  }

  /** When the next one is due, in seconds on the timeline: a multiple of the distance after the first one. */
  get due(): number | undefined {
    if (this.#first === undefined || this.#last === undefined) return undefined;
    const { everySeconds } = this.#options;
    return this.#first + (Math.floor((this.#last - this.#first + EPSILON) / everySeconds) + 1) * everySeconds;
  }

  /** An image has come. One that is there already, from a run of the encoder before, is dropped. */
  add(bytes: Uint8Array, seconds: number): void {
    if (this.due !== undefined && seconds < this.due - EPSILON) return;
    this.#first ??= seconds;
    this.#last = seconds;
    this.#newest = { number: this.#count, seconds, bytes };
    this.#count += 1;
    this.#options.keeper?.preview(this.#newest);
  }
}

import { readMediaPlaylist } from "../media/m3u8-reader.ts";

/** One stretch of a recording: its Unix time in ms, its place in the replay and its length, both in seconds. */
interface Stretch {
  readonly wallMs: number;
  readonly place: number;
  readonly seconds: number;
}

/** Where moments lie in the replay of a recording, which plays one segment after the other, also over a break. */
export class ReplayPlaces {
  readonly #stretches: readonly Stretch[];
  readonly #startedMs: number;

  /** Reads the media playlist of one of its tracks; without one the replay is taken to run as the broadcast did. */
  constructor(playlist: string | undefined, startedMs: number) {
    this.#stretches = playlist === undefined ? [] : stretchesOf(playlist);
    this.#startedMs = startedMs;
  }

  /** Seconds from the beginning of the replay to what arrived at this Unix time in ms. */
  placeOf(wallMs: number): number {
    const found = this.#before(wallMs);
    if (this.#stretches.length === 0) return Math.max(0, (wallMs - this.#startedMs) / 1000);
    if (found === undefined) return 0;
    return found.place + Math.min((wallMs - found.wallMs) / 1000, found.seconds);
  }

  /** Whether this moment is in it at all; of a clip most are not. */
  has(wallMs: number): boolean {
    const last = this.#stretches.at(-1);
    return last !== undefined && this.#before(wallMs) !== undefined && wallMs <= last.wallMs + last.seconds * 1000;
  }

  /** The last stretch that had begun. They rise, but for a clock that was corrected by some milliseconds. */
  #before(wallMs: number): Stretch | undefined {
    let [low, high] = [0, this.#stretches.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#stretches[middle]?.wallMs ?? 0) <= wallMs) low = middle + 1;
      else high = middle;
    }
    return this.#stretches[low - 1];
  }
}

/** Our own playlists say the time of each segment; one that does not say it, or its length, is none of ours. */
function stretchesOf(playlist: string): Stretch[] {
  let place = 0;
  return readMediaPlaylist(playlist).flatMap(({ wallMs, seconds }) => {
    if (!(wallMs > 0 && seconds >= 0 && Number.isFinite(seconds))) return [];
    const stretch = { wallMs, place, seconds };
    place += seconds;
    return [stretch];
  });
}

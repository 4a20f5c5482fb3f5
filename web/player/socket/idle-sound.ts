import type { MediaSink } from "./media-sink.ts";
import { type SoundChunk, SoundFiller } from "./sound-filler.ts";

/** Sound that nobody hears is there for so long after the newest picture, and then the picture stops. In seconds. */
const FILL_SECONDS = 0.3;

/** What an idle sound works with. */
export interface IdleSoundParts {
  readonly video: HTMLVideoElement;
  readonly sink: () => MediaSink | undefined;
  /** The sound was switched on: from now on the picture goes with it. */
  readonly onHeard: () => void;
}

/** Keeps a picture from waiting for a sound that is switched off, see {@link SoundFiller}. */
export class IdleSound {
  readonly #parts: IdleSoundParts;
  #filler = new SoundFiller();
  readonly #listening = new AbortController();
  #wasMuted: boolean;

  constructor(parts: IdleSoundParts) {
    this.#parts = parts;
    this.#wasMuted = parts.video.muted;
    parts.video.addEventListener("volumechange", () => this.#onVolume(), { signal: this.#listening.signal });
  }

  /** There is sound with the picture, and nobody hears it. */
  get isIdle(): boolean {
    const sink = this.#parts.sink();
    return (sink?.has("video") ?? false) && (sink?.has("audio") ?? false) && this.#parts.video.muted;
  }

  /** Takes note of sound that came. */
  note(chunk: SoundChunk): void {
    this.#filler.note(chunk);
  }

  /** Fills what is missing up to and a little beyond the newest picture, in seconds. */
  fillTo(picture: number): void {
    if (!this.isIdle) return;
    for (const bytes of this.#filler.fillTo(picture + FILL_SECONDS)) {
      this.#parts.sink()?.push("audio", { kind: "chunk", key: true, bytes });
    }
  }

  /** Takes away what was only filled: it is no sound to be heard, and no part of the broadcast. */
  unfill(): void {
    const { end } = this.#filler;
    if (end !== undefined) this.#parts.sink()?.removeFrom("audio", end);
    this.#filler.forget();
  }

  /** Another sink has taken the place of the one that was filled. */
  reset(): void {
    this.#filler = new SoundFiller();
  }

  close(): void {
    this.#listening.abort();
  }

  #onVolume(): void {
    const { muted } = this.#parts.video;
    const isHeard = this.#wasMuted && !muted;
    this.#wasMuted = muted;
    if (!isHeard) return;
    this.unfill();
    this.#parts.onHeard();
  }
}

/** A pause longer than this tells the server to send nothing; after it, Play goes live. */
const SILENCE_AFTER_MS = 30_000;
/** Within this distance of live a viewer wants to be live. */
const NEAR_MS = 1_000;

/** What the viewer's wishes are made of. */
export interface IntentParts {
  readonly video: HTMLVideoElement;
  /** How far the video's position is behind where live is, in ms. */
  readonly behindMs: () => number;
  /** Nothing needs to be sent (true), or it does again. */
  readonly onSilence: (silent: boolean) => void;
}

/**
 * Whether the viewer wants to be live or stays behind. Who goes back, or pauses for more than a second, stays where it
 * is when it plays on, until it goes live; after a pause of half a minute, whose media was not sent, Play goes live.
 * What the browser does to a page that nobody sees is no wish of the viewer.
 */
export class Intent {
  readonly #parts: IntentParts;
  readonly #listening = new AbortController();
  #staysBehind = false;
  #ownSeek: number | undefined;
  #isPaused = false;
  #isSilent = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(parts: IntentParts) {
    this.#parts = parts;
    const { signal } = this.#listening;
    const on = (event: "pause" | "play" | "seeking", act: () => void) =>
      parts.video.addEventListener(event, act, { signal });
    on("pause", () => this.#onPause());
    on("play", () => this.#onPlay());
    on("seeking", () => this.#onSeeking());
  }

  /** The viewer wants to stay behind live. */
  get staysBehind(): boolean {
    return this.#staysBehind;
  }

  /** The player, not the viewer, goes to this position. */
  seek(position: number): void {
    this.#ownSeek = position;
    this.#parts.video.currentTime = position;
  }

  /** The viewer wants to be live. */
  goLive(): void {
    this.#staysBehind = false;
    this.#isPaused = false;
    this.#speak();
  }

  close(): void {
    this.#listening.abort();
    clearTimeout(this.#timer);
  }

  #onPause(): void {
    if (document.hidden || this.#parts.video.ended) return;
    this.#isPaused = true;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#isSilent = true;
      this.#parts.onSilence(true);
    }, SILENCE_AFTER_MS);
  }

  #onPlay(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    this.#staysBehind = !this.#isSilent && (this.#staysBehind || this.#isFar);
    this.#speak();
  }

  #onSeeking(): void {
    const own = this.#ownSeek;
    this.#ownSeek = undefined;
    if (own === undefined || Math.abs(own - this.#parts.video.currentTime) > 0.001) this.#staysBehind = this.#isFar;
  }

  #speak(): void {
    clearTimeout(this.#timer);
    if (this.#isSilent) this.#parts.onSilence(false);
    this.#isSilent = false;
  }

  get #isFar(): boolean {
    return this.#parts.behindMs() > NEAR_MS;
  }
}

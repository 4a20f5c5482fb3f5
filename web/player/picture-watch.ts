/** What a viewer went through since the page was opened. */
export interface Witnessed {
  /** From the beginning of the navigation to the first picture on screen, in ms; undefined before it. */
  readonly firstFrameMs: number | undefined;
  /** Times that the picture stopped because nothing was there to play. */
  readonly stalls: number;
  /** The longest time between two pictures while it played, in ms: what no player calls a stall is seen here. */
  readonly longestGapMs: number;
}

/** Watches a video for what matters to whoever looks at it, whatever engine plays on it. */
export class PictureWatch implements Witnessed {
  #firstFrameMs: number | undefined;
  #hasPlayed = false;
  #stalls = 0;
  #pictureMs: number | undefined;
  #longestGapMs = 0;

  constructor(video: HTMLVideoElement) {
    this.#nextPicture(video);
    video.addEventListener("playing", () => {
      this.#hasPlayed = true;
    });
    const interrupt = () => {
      this.#pictureMs = undefined;
    };
    // Another engine begins.
    video.addEventListener("emptied", () => {
      this.#hasPlayed = false;
      interrupt();
    });
    video.addEventListener("pause", interrupt);
    document.addEventListener("visibilitychange", interrupt);
    video.addEventListener("waiting", () => {
      if (this.#hasPlayed && !video.seeking && !video.paused && !video.ended) this.#stalls += 1;
    });
  }

  get firstFrameMs(): number | undefined {
    return this.#firstFrameMs;
  }

  get stalls(): number {
    return this.#stalls;
  }

  get longestGapMs(): number {
    return this.#longestGapMs;
  }

  /** Pictures are told only to pages that are seen: what was not seen is no gap. */
  #nextPicture(video: HTMLVideoElement): void {
    video.requestVideoFrameCallback?.((_now, { expectedDisplayTime }) => {
      this.#firstFrameMs ??= expectedDisplayTime;
      const gapMs = expectedDisplayTime - (this.#pictureMs ?? expectedDisplayTime);
      this.#longestGapMs = Math.max(this.#longestGapMs, gapMs);
      this.#pictureMs = expectedDisplayTime;
      this.#nextPicture(video);
    });
  }
}

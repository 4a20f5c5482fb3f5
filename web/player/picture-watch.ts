/** What a viewer went through since the page was opened. */
export interface Witnessed {
  /** From the beginning of the navigation to the first picture on screen, in ms; undefined before it. */
  readonly firstFrameMs: number | undefined;
  /** Times that the picture stopped because nothing was there to play. */
  readonly stalls: number;
}

/** Watches a video for what matters to whoever looks at it, whatever engine plays on it. */
export class PictureWatch implements Witnessed {
  #firstFrameMs: number | undefined;
  #hasPlayed = false;
  #stalls = 0;

  constructor(video: HTMLVideoElement) {
    video.requestVideoFrameCallback?.((_now, { expectedDisplayTime }) => {
      this.#firstFrameMs = expectedDisplayTime;
    });
    video.addEventListener("playing", () => {
      this.#hasPlayed = true;
    });
    // Another engine begins.
    video.addEventListener("emptied", () => {
      this.#hasPlayed = false;
    });
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
}

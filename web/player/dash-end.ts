/** Where a video stands. */
export interface Standing {
  readonly currentTime: number;
  readonly paused: boolean;
}

/** dash.js goes to the end that the manifest names, which may lie a little before the last frame. */
const NEAR_SECONDS = 1;

/**
 * Remembers that dash.js has called a presentation over. Where the last frames end before the manifest says, the video
 * element never has `ended`: dash.js then pauses it at the end, which looks like the pause of a viewer.
 */
export class DashEnd {
  #at: number | undefined;

  /** dash.js has called the presentation over. */
  reached({ currentTime }: Standing): void {
    this.#at = currentTime;
  }

  /** Whether the video still rests where it ended. */
  isOver({ currentTime, paused }: Standing): boolean {
    return this.#at !== undefined && paused && currentTime >= this.#at - NEAR_SECONDS;
  }
}

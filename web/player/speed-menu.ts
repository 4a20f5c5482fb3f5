import { make } from "../ui/dom.ts";

const SPEEDS = [0.25, 0.5, 0.75, 1, 1.25, 1.5, 2, 3];

/** How fast a recording plays. */
export class SpeedMenu {
  readonly #video: HTMLVideoElement;
  readonly #select: HTMLSelectElement;
  #speed = 1;

  constructor(video: HTMLVideoElement, select: HTMLSelectElement) {
    this.#video = video;
    this.#select = select;
    select.replaceChildren(...SPEEDS.map((speed) => make("option", { value: String(speed) }, `${speed}×`)));
    select.addEventListener("change", () => this.#set(Number(select.value)));
    // A new source begins at its default speed.
    video.addEventListener("loadedmetadata", () => this.#set(this.#speed));
    this.#set(1);
  }

  /** To the next speed up or down, if there is one. */
  step(by: 1 | -1): void {
    const next = SPEEDS[SPEEDS.indexOf(this.#speed) + by];
    if (next !== undefined) this.#set(next);
  }

  #set(speed: number): void {
    this.#speed = speed;
    this.#select.value = String(speed);
    this.#video.defaultPlaybackRate = speed;
    this.#video.playbackRate = speed;
  }
}

import { find, setText } from "../ui/dom.ts";
import { formatDuration } from "../ui/format.ts";
import { type Thumbnail, thumbnailAt } from "./thumbnails.ts";
import { lengthOf } from "./transport.ts";

/** After a key has moved the picture, the bubble stays this long. */
const SHOWN_MS = 1_200;

/** The bar of a recording: where it plays, where else to go, and what is to be seen there. */
export class SeekBar {
  /** Pictures to show above it; may come later than the bar. */
  thumbnails: readonly Thumbnail[] = [];
  readonly #video: HTMLVideoElement;
  readonly #bar = find("#rewind", HTMLInputElement);
  readonly #bubble = find("#seek-bubble", HTMLElement);
  readonly #picture = find("#seek-picture", HTMLImageElement);
  readonly #time = find("#seek-time", HTMLElement);
  /** While the handle is held it is the viewer's: it does not follow the picture. */
  #isHeld = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(video: HTMLVideoElement) {
    this.#video = video;
    this.#bar.setAttribute("aria-label", "Seek");
    this.#bar.addEventListener("pointermove", (event) => this.#show(this.#timeAt(event.clientX)));
    this.#bar.addEventListener("pointerdown", () => {
      this.#isHeld = true;
    });
    for (const event of ["pointerup", "pointercancel"] as const) {
      this.#bar.addEventListener(event, () => {
        // Not before its new place has been told.
        setTimeout(() => {
          this.#isHeld = false;
        });
      });
    }
    this.#bar.addEventListener("pointerleave", () => this.#hide());
    this.#bar.addEventListener("blur", () => this.#hide());
    // While the handle is dragged only the bubble follows: each seek would load segments that nobody wants to see.
    this.#bar.addEventListener("input", () => this.#show(this.#bar.valueAsNumber));
    this.#bar.addEventListener("change", () => {
      video.currentTime = this.#bar.valueAsNumber;
      if (!this.#isHeld) this.flash();
    });
    this.#picture.addEventListener("error", () => {
      this.#picture.hidden = true;
    });
  }

  /** Shows where the picture is; call it a few times a second. */
  refresh(): void {
    const { currentTime } = this.#video;
    const duration = lengthOf(this.#video);
    this.#bar.disabled = duration === undefined;
    if (duration === undefined || this.#isHeld) return;
    this.#bar.max = String(duration);
    this.#bar.value = String(currentTime);
    const words = `${formatDuration(currentTime * 1000)} of ${formatDuration(duration * 1000)}`;
    this.#bar.setAttribute("aria-valuetext", words);
  }

  /** A key has moved the picture: shows for a moment where to. */
  flash(): void {
    this.#show(this.#video.currentTime);
    this.#timer = setTimeout(() => this.#hide(), SHOWN_MS);
  }

  #timeAt(clientX: number): number {
    const { left, width } = this.#bar.getBoundingClientRect();
    const share = width === 0 ? 0 : (clientX - left) / width;
    return Math.min(1, Math.max(0, share)) * Number(this.#bar.max);
  }

  #show(time: number): void {
    clearTimeout(this.#timer);
    const max = Number(this.#bar.max);
    if (this.#bar.disabled || max === 0) return;
    setText(this.#time, formatDuration(time * 1000));
    const thumbnail = thumbnailAt(this.thumbnails, time);
    this.#picture.hidden = thumbnail === undefined;
    if (thumbnail !== undefined && this.#picture.src !== thumbnail.url) this.#picture.src = thumbnail.url;
    this.#bubble.style.setProperty("--at", String(time / max));
    this.#bubble.hidden = false;
  }

  #hide(): void {
    clearTimeout(this.#timer);
    this.#bubble.hidden = true;
  }
}

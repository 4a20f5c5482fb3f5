import { find, setText } from "../ui/dom.ts";
import { formatDelay } from "../ui/format.ts";
import type { Engine } from "./engine.ts";
import { MediaButtons } from "./media-buttons.ts";
import type { Stage } from "./transport.ts";

/** Further behind than this is not live: the button offers to go there. */
const LIVE_SLACK_SECONDS = 3;

/** The bar below a live picture. */
export class LiveControls {
  readonly #stage: Stage;
  readonly #engine: () => Engine | undefined;
  readonly #buttons: MediaButtons;
  readonly #rewind = find("#rewind", HTMLInputElement);
  readonly #goLive = find("#go-live", HTMLButtonElement);
  readonly #delay = find("#delay", HTMLElement);
  #dragging = false;

  constructor(stage: Stage, engine: () => Engine | undefined) {
    this.#stage = stage;
    this.#engine = engine;
    this.#buttons = new MediaButtons(stage);
    this.#goLive.addEventListener("click", () => this.goLive());
    this.#listenToRewind();
  }

  /** Jumps to where live is now, and plays. */
  goLive(): void {
    const engine = this.#engine();
    const { video } = this.#stage;
    const position = engine?.livePosition;
    if (engine?.goLive !== undefined) engine.goLive();
    else if (position !== undefined) video.currentTime = position;
    void video.play().catch(() => {});
  }

  /** Shows the video's state; call it a few times a second. */
  refresh(): void {
    this.#buttons.refresh(this.#engine() !== undefined);
    this.#refreshLive();
    this.#refreshRewind();
  }

  #refreshLive(): void {
    const engine = this.#engine();
    const { video } = this.#stage;
    this.#goLive.hidden = engine === undefined;
    const delay = engine?.delaySeconds;
    setText(this.#delay, delay === undefined ? "" : formatDelay(delay));
    this.#delay.dataset.ms = delay === undefined ? "" : String(Math.round(delay * 1000));
    const live = engine?.livePosition;
    const isFar = live !== undefined && (video.paused || live - video.currentTime > LIVE_SLACK_SECONDS);
    const behind = engine?.isBehind ?? isFar;
    this.#goLive.disabled = !behind;
    setText(this.#goLive, behind ? "Go live" : "Live");
  }

  #refreshRewind(): void {
    const { seekable, currentTime } = this.#stage.video;
    const usable = seekable.length > 0 && seekable.end(seekable.length - 1) - seekable.start(0) > LIVE_SLACK_SECONDS;
    this.#rewind.disabled = !usable;
    if (!usable || this.#dragging) return;
    const start = seekable.start(0);
    const end = Math.max(currentTime, this.#engine()?.livePosition ?? seekable.end(seekable.length - 1));
    this.#rewind.min = String(start);
    this.#rewind.max = String(end);
    this.#rewind.value = String(currentTime);
    this.#rewind.setAttribute("aria-valuetext", `${Math.round(end - currentTime)} seconds behind live`);
  }

  /** While the handle is held it is the viewer's: the picture follows, not the other way round. */
  #listenToRewind(): void {
    this.#rewind.addEventListener("pointerdown", () => {
      this.#dragging = true;
    });
    for (const event of ["pointerup", "pointercancel"] as const) {
      this.#rewind.addEventListener(event, () => {
        this.#dragging = false;
      });
    }
    this.#rewind.addEventListener("input", () => {
      this.#stage.video.currentTime = this.#rewind.valueAsNumber;
    });
  }
}

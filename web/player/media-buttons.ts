import { find } from "../ui/dom.ts";
import { setIcon } from "../ui/icons.ts";
import {
  type Stage,
  setVolume,
  toggleFullscreen,
  togglePictureInPicture,
  togglePlay,
  toggleSound,
} from "./transport.ts";

const IDLE_MS = 3_000;

/** What every picture has below it, live or recorded: play, sound, volume, picture in picture and full screen. */
export class MediaButtons {
  readonly #stage: Stage;
  readonly #play = find("#play", HTMLButtonElement);
  readonly #mute = find("#mute", HTMLButtonElement);
  readonly #volume = find("#volume", HTMLInputElement);
  readonly #pip = find("#pip", HTMLButtonElement);
  readonly #fullscreen = find("#fullscreen", HTMLButtonElement);

  constructor(stage: Stage) {
    this.#stage = stage;
    this.#play.addEventListener("click", () => togglePlay(stage));
    this.#mute.addEventListener("click", () => toggleSound(stage));
    this.#volume.addEventListener("input", () => setVolume(stage, this.#volume.valueAsNumber));
    this.#fullscreen.addEventListener("click", () => void toggleFullscreen(stage).catch(() => {}));
    this.#pip.addEventListener("click", () => void togglePictureInPicture(stage).catch(() => {}));
    this.#pip.hidden = !document.pictureInPictureEnabled;
    setIcon(this.#pip, "pip", "Picture in picture");
    stage.video.addEventListener("click", () => togglePlay(stage));
    stage.video.addEventListener("dblclick", () => void toggleFullscreen(stage).catch(() => {}));
    markIdle(stage.frame);
  }

  /** Shows the video's state; call it a few times a second. `isOpen`: there is something to play. */
  refresh(isOpen: boolean): void {
    const { video } = this.#stage;
    this.#play.disabled = !isOpen;
    setIcon(this.#play, video.paused ? "play" : "pause", video.paused ? "Play" : "Pause");
    setIcon(this.#mute, video.muted ? "muted" : "sound", video.muted ? "Turn sound on" : "Turn sound off");
    this.#volume.value = String(video.muted ? 0 : video.volume);
    const full = document.fullscreenElement !== null;
    setIcon(this.#fullscreen, full ? "unfullscreen" : "fullscreen", full ? "Leave full screen" : "Full screen");
  }
}

/** Marks the frame `idle` when nothing was moved or pressed for a while; in full screen the bar is hidden then. */
function markIdle(frame: HTMLElement): void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const active = () => {
    frame.classList.remove("idle");
    clearTimeout(timer);
    timer = setTimeout(() => frame.classList.add("idle"), IDLE_MS);
  };
  for (const event of ["pointermove", "pointerdown", "keydown", "focusin"] as const) addEventListener(event, active);
  active();
}

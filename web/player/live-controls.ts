import { find, setText } from "../ui/dom.ts";
import { formatDelay } from "../ui/format.ts";
import { setIcon } from "../ui/icons.ts";
import type { Engine } from "./engine.ts";
import {
  type Stage,
  setVolume,
  toggleFullscreen,
  togglePictureInPicture,
  togglePlay,
  toggleSound,
} from "./transport.ts";

/** Further behind than this is not live: the button offers to go there. */
const LIVE_SLACK_SECONDS = 3;

const IDLE_MS = 3_000;

/** The bar below a live picture. */
export class LiveControls {
  readonly #stage: Stage;
  readonly #engine: () => Engine | undefined;
  readonly #play = find("#play", HTMLButtonElement);
  readonly #mute = find("#mute", HTMLButtonElement);
  readonly #volume = find("#volume", HTMLInputElement);
  readonly #rewind = find("#rewind", HTMLInputElement);
  readonly #goLive = find("#go-live", HTMLButtonElement);
  readonly #delay = find("#delay", HTMLElement);
  readonly #pip = find("#pip", HTMLButtonElement);
  readonly #fullscreen = find("#fullscreen", HTMLButtonElement);
  #dragging = false;

  constructor(stage: Stage, engine: () => Engine | undefined) {
    this.#stage = stage;
    this.#engine = engine;
    this.#play.addEventListener("click", () => togglePlay(stage));
    this.#mute.addEventListener("click", () => toggleSound(stage));
    this.#volume.addEventListener("input", () => setVolume(stage, this.#volume.valueAsNumber));
    this.#goLive.addEventListener("click", () => this.goLive());
    this.#fullscreen.addEventListener("click", () => void toggleFullscreen(stage).catch(() => {}));
    this.#pip.addEventListener("click", () => void togglePictureInPicture(stage).catch(() => {}));
    this.#pip.hidden = !document.pictureInPictureEnabled;
    setIcon(this.#pip, "pip", "Picture in picture");
    this.#listenToRewind();
    stage.video.addEventListener("click", () => togglePlay(stage));
    stage.video.addEventListener("dblclick", () => void toggleFullscreen(stage).catch(() => {}));
    markIdle(stage.frame);
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
    const { video } = this.#stage;
    setIcon(this.#play, video.paused ? "play" : "pause", video.paused ? "Play" : "Pause");
    setIcon(this.#mute, video.muted ? "muted" : "sound", video.muted ? "Turn sound on" : "Turn sound off");
    this.#volume.value = String(video.muted ? 0 : video.volume);
    const full = document.fullscreenElement !== null;
    setIcon(this.#fullscreen, full ? "unfullscreen" : "fullscreen", full ? "Leave full screen" : "Full screen");
    this.#refreshLive();
    this.#refreshRewind();
  }

  #refreshLive(): void {
    const engine = this.#engine();
    const { video } = this.#stage;
    this.#play.disabled = engine === undefined;
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

import { find, make, setText } from "../ui/dom.ts";
import { type Asked, DELIVERY_NAMES } from "./choice.ts";
import type { EngineKind } from "./engine.ts";
import type { WatchStatus } from "./live-words.ts";
import type { Progress } from "./progress.ts";

/** Everything on the watch page that only shows: state, curtain, trouble, the two big buttons. */
export class WatchView {
  readonly #status = find("#status", HTMLElement);
  readonly #curtain = find("#curtain", HTMLElement);
  readonly #curtainText = find("#curtain-text", HTMLElement);
  readonly #trouble = find("#trouble", HTMLElement);
  readonly #sound = find("#sound", HTMLButtonElement);
  readonly #pressPlay = find("#press-play", HTMLButtonElement);
  readonly #video: HTMLVideoElement;
  #soundAsked = false;

  constructor(video: HTMLVideoElement) {
    this.#video = video;
    this.#sound.addEventListener("click", () => {
      this.#soundAsked = true;
      video.muted = false;
      if (video.volume === 0) video.volume = 1;
    });
    // Whoever used any sound control has found it: the big button has done its work.
    video.addEventListener("volumechange", () => {
      if (!video.muted) this.#soundAsked = true;
    });
    this.#pressPlay.addEventListener("click", () => void video.play().catch(() => {}));
  }

  /** Shows a state, and words over the picture when there is none. */
  showStatus({ state, text, curtain }: WatchStatus): void {
    this.#status.dataset.state = state;
    setText(this.#status, text);
    setText(this.#curtainText, curtain ?? "");
    this.#curtain.hidden = curtain === undefined;
    document.body.dataset.state = state;
  }

  showEngine(kind: EngineKind): void {
    this.#status.dataset.delivery = kind;
    this.#status.title = `Delivered over ${DELIVERY_NAMES[kind]}`;
  }

  showTrouble(text: string | undefined): void {
    setText(this.#trouble, text ?? "");
    this.#trouble.hidden = text === undefined;
  }

  /** Offers sound while a silent picture plays, and a click where the browser wants one before it plays at all. */
  showOffers(progress: Progress, hasSound: boolean): void {
    this.#sound.hidden = !(hasSound && this.#video.muted && !this.#soundAsked && progress === "playing");
    this.#pressPlay.hidden = !(progress === "waiting" && this.#video.paused && this.#video.readyState >= 2);
  }

  showTitle(title: string): void {
    setText(find("#title", HTMLElement), title);
    document.title = `${title} · Millrace`;
  }

  /** The list of deliveries; choosing one opens the page anew with it in the address. */
  offerDeliveries(asked: Asked, kinds: readonly EngineKind[]): void {
    const select = find("#delivery", HTMLSelectElement);
    const options = kinds.map((kind) => make("option", { value: kind }, DELIVERY_NAMES[kind]));
    select.replaceChildren(make("option", { value: "auto" }, "Automatic"), ...options);
    select.value = typeof asked === "string" ? asked : "auto";
    select.addEventListener("change", () => {
      const address = new URL(location.href);
      if (select.value === "auto") address.searchParams.delete("delivery");
      else address.searchParams.set("delivery", select.value);
      location.assign(address);
    });
  }
}

import { find, setText } from "../ui/dom.ts";
import { formatDuration } from "../ui/format.ts";
import type { Engine } from "./engine.ts";
import { MediaButtons } from "./media-buttons.ts";
import { RenditionMenu } from "./rendition-menu.ts";
import { SeekBar } from "./seek-bar.ts";
import { loadThumbnails } from "./thumbnails.ts";
import { lengthOf, type Stage } from "./transport.ts";

/** The bar below a recorded picture. */
export class RecordingControls {
  readonly #stage: Stage;
  readonly #engine: () => Engine | undefined;
  readonly #buttons: MediaButtons;
  readonly #bar: SeekBar;
  readonly #menu: RenditionMenu;
  readonly #position = find("#delay", HTMLElement);

  constructor(stage: Stage, engine: () => Engine | undefined) {
    this.#stage = stage;
    this.#engine = engine;
    this.#buttons = new MediaButtons(stage);
    this.#bar = new SeekBar(stage.video);
    this.#menu = new RenditionMenu(find("#rendition", HTMLSelectElement), engine);
    // What only live pictures have.
    for (const id of ["#go-live", "#show-statistics"]) find(id, HTMLButtonElement).hidden = true;
    find("#speed-pick", HTMLElement).hidden = false;
    find("#controls", HTMLElement).hidden = false;
  }

  /** Fetches what is shown above the bar. */
  async loadThumbnails(address: string, signal: AbortSignal): Promise<void> {
    this.#bar.thumbnails = await loadThumbnails(address, signal);
  }

  /** A key has moved the picture: shows for a moment where to. */
  showPlace(): void {
    this.#bar.flash();
  }

  /** A new engine begins with its own choice of rendition. */
  reset(): void {
    this.#menu.reset();
  }

  /** Shows the video's state; call it a few times a second. */
  refresh(): void {
    const { currentTime } = this.#stage.video;
    const duration = lengthOf(this.#stage.video);
    this.#buttons.refresh(this.#engine() !== undefined);
    this.#bar.refresh();
    this.#menu.refresh();
    const length = duration === undefined ? "" : ` / ${formatDuration(duration * 1000)}`;
    setText(this.#position, `${formatDuration(currentTime * 1000)}${length}`);
  }
}

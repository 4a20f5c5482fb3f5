import type { LiveTrack } from "../../../server/protocol/live.ts";
import { type RenditionChoice, renditionLabel } from "../engine.ts";
import { AutoPicture } from "./auto-picture.ts";
import type { Tracks } from "./link.ts";

/** What the line looks like to the one who chooses pictures, see {@link AutoPicture}. */
export interface Line {
  readonly nowMs: number;
  readonly skips: number;
  readonly overdueMs: number;
  readonly bitsPerSecond: number | undefined;
  readonly burst: number | undefined;
}

/** Which pictures there are, which one is on screen, and which one the viewer or the automatic choice wants. */
export class Pictures {
  readonly #ask: (name: string) => void;
  readonly #auto = new AutoPicture();
  #tracks: readonly LiveTrack[] = [];
  #playing: number | null = null;
  #chosen: string | undefined;

  /** `ask` tells the server what is wanted. */
  constructor(ask: (name: string) => void) {
    this.#ask = ask;
  }

  /** The pictures as a viewer can choose them. */
  get choices(): readonly RenditionChoice[] {
    return this.#pictures.map(({ name, height, bandwidth }) => ({
      id: name,
      label: renditionLabel(height, bandwidth, name),
    }));
  }

  /** The picture on screen, by its track's name. */
  get playing(): string | undefined {
    return this.#tracks.find(({ index }) => index === this.#playing)?.name;
  }

  /** A new list, with what is sent of it. */
  list({ tracks, video }: Tracks): void {
    this.#tracks = tracks;
    this.#playing = video;
    // The server may stop making a picture: then the choice is ours again.
    if (!tracks.some(({ name }) => name === this.#chosen)) this.#chosen = undefined;
  }

  /** Another picture comes from now on. */
  switched(video: number | null): void {
    this.#playing = video;
  }

  /** The viewer wants this picture, or leaves the choice to us. */
  choose(name: string | undefined): void {
    this.#chosen = name;
    if (name !== undefined && name !== this.playing) this.#ask(name);
  }

  /** Looks at the line and changes the picture if need be. Call it about once a second. */
  look(line: Line): void {
    const { playing } = this;
    if (this.#chosen !== undefined || playing === undefined || this.#pictures.length < 2) return;
    const wanted = this.#auto.choose({ ...line, pictures: this.#pictures, playing });
    if (wanted !== undefined) this.#ask(wanted);
  }

  get #pictures(): LiveTrack[] {
    return this.#tracks.filter(({ kind }) => kind === "video");
  }
}

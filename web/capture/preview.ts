import type { CaptureSource } from "./source.ts";

/** Shows the open source and keeps it until another one takes its place. */
export class Preview {
  readonly #video: HTMLVideoElement;
  #source: CaptureSource | undefined;
  /** What the open source was made for: the same wish again needs no new one. */
  #key = "";
  #round = 0;

  constructor(video: HTMLVideoElement) {
    this.#video = video;
  }

  /** The source on show, if it still gives pictures. */
  get source(): CaptureSource | undefined {
    const live = this.#source?.stream.getVideoTracks().some((track) => track.readyState === "live") ?? false;
    return live ? this.#source : undefined;
  }

  /** Opens a source and shows it, unless the one on show was opened for the same `key`. */
  async show(key: string, open: () => Promise<CaptureSource>): Promise<CaptureSource> {
    const shown = this.source;
    if (shown !== undefined && key === this.#key) return shown;
    this.clear();
    this.#round += 1;
    const round = this.#round;
    const source = await open();
    if (round !== this.#round) {
      source.close();
      return source;
    }
    this.#source = source;
    this.#key = key;
    this.#video.srcObject = source.stream;
    this.#video.dataset.filled = "";
    await this.#video.play().catch(() => {});
    return source;
  }

  /** Gives the devices back. */
  clear(): void {
    this.#round += 1;
    this.#source?.close();
    this.#source = undefined;
    this.#video.srcObject = null;
    delete this.#video.dataset.filled;
  }
}

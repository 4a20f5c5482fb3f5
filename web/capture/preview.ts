import type { PictureChoice } from "./settings-form.ts";
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

  /** Opens a source and shows it, unless the one on show was opened for the same choice. */
  async show(choice: PictureChoice, open: () => Promise<CaptureSource>): Promise<CaptureSource> {
    const shown = this.source;
    if (shown !== undefined && keyOf(choice) === this.#key) return shown;
    this.clear();
    const round = this.#round;
    const source = await open();
    if (round !== this.#round) {
      source.close();
      return source;
    }
    await this.put(choice, source);
    return source;
  }

  /** Shows a source in the place of another, which it does not close. */
  async put(choice: PictureChoice, source: CaptureSource): Promise<void> {
    this.#round += 1;
    this.#source = source;
    this.#key = keyOf(choice);
    this.#video.srcObject = source.stream;
    this.#video.dataset.filled = "";
    await this.#video.play().catch(() => {});
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

function keyOf({ source, cameraId, microphoneId, width, height, fps, audio }: PictureChoice): string {
  return JSON.stringify([source, cameraId, microphoneId, width, height, fps, audio]);
}

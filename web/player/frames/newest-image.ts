/** How images are decoded and shown; the browser's own ways fit. */
export interface ImageWork<Bitmap> {
  /** Rejects for what is no image. */
  decode(data: ArrayBuffer): Promise<Bitmap>;
  /** Shows a bitmap, which is nobody's afterwards: it must be freed here. */
  show(bitmap: Bitmap): void;
  /** Frees a bitmap that is not shown any more. */
  free(bitmap: Bitmap): void;
}

/**
 * Decodes one image at a time. What comes meanwhile takes the place of what waits, so a slow machine shows fewer images
 * and not older ones, and nothing piles up.
 */
export class NewestImage<Bitmap> {
  /** Images that another one took the place of, and those that could not be decoded. */
  skipped = 0;
  readonly #work: ImageWork<Bitmap>;
  #waiting: ArrayBuffer | undefined;
  #isBusy = false;
  #isClosed = false;

  constructor(work: ImageWork<Bitmap>) {
    this.#work = work;
  }

  /** Takes an image; it is shown as soon as the ones before it are done with. */
  offer(data: ArrayBuffer): void {
    if (this.#isClosed) return;
    if (this.#waiting !== undefined) this.skipped += 1;
    this.#waiting = data;
    if (!this.#isBusy) void this.#run();
  }

  /** Shows nothing more. */
  close(): void {
    this.#isClosed = true;
    this.#waiting = undefined;
  }

  async #run(): Promise<void> {
    this.#isBusy = true;
    for (let data = this.#take(); data !== undefined; data = this.#take()) {
      try {
        const bitmap = await this.#work.decode(data);
        if (this.#isClosed) this.#work.free(bitmap);
        else this.#work.show(bitmap);
      } catch {
        // One bad image is no reason to lose the others.
        this.skipped += 1;
      }
    }
    this.#isBusy = false;
  }

  #take(): ArrayBuffer | undefined {
    const data = this.#waiting;
    this.#waiting = undefined;
    return data;
  }
}

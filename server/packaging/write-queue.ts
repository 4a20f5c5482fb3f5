import { diskTrouble } from "../core/disk.ts";

/** How writes may pile up, and who is told when there are no more. */
export interface WriteQueueOptions {
  /** Works that may wait for the disk; with more, it is too slow for what comes. */
  readonly mostWaiting: number;
  /** Told once, in words, why nothing more is written. */
  readonly onProblem: (trouble: string) => void;
}

/** Writes one after the other. After the first that fails nothing more is written: less is better than holes. */
export class WriteQueue {
  readonly #options: WriteQueueOptions;
  #last: Promise<void> = Promise.resolve();
  #waiting = 0;
  #hasFailed = false;

  constructor(options: WriteQueueOptions) {
    this.#options = options;
  }

  get hasFailed(): boolean {
    return this.#hasFailed;
  }

  /** Does `work` when all that was added before is done. */
  add(work: () => Promise<void>): void {
    if (this.#hasFailed) return;
    if (this.#waiting >= this.#options.mostWaiting) return this.#fail("the disk is too slow");
    this.#waiting += 1;
    this.#last = this.#last
      .then(() => (this.#hasFailed ? undefined : work()))
      .catch((error: unknown) => this.#fail(diskTrouble(error)))
      .finally(() => {
        this.#waiting -= 1;
      });
  }

  /** Resolves when everything is on disk that there is so far. */
  async settle(): Promise<void> {
    await this.#last;
  }

  #fail(trouble: string): void {
    if (this.#hasFailed) return;
    this.#hasFailed = true;
    this.#options.onProblem(trouble);
  }
}

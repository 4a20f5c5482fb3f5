import { appendFile, readFile, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { writeWhole } from "../core/files.ts";
import { readImageInfo } from "../media/image-info.ts";
import { PREVIEWS_FOLDER } from "./image-tracks.ts";
import type { Presentation } from "./presentation.ts";
import type { PreviewImage, PreviewKeeper } from "./previews.ts";
import { thumbnailTrack } from "./thumbnails.ts";
import type { TileTrack } from "./tiles.ts";
import { WriteQueue } from "./write-queue.ts";

const INDEX_NAME = "index.json";
/** The track of them, in their folder. */
export const TRACK_NAME = "thumbnails.vtt";
/** When each image is shown, one line each: what only this server needs, and only until the recording has its end. */
const TIMES_NAME = "times";
/** The recording's own picture, in its folder. */
const COVER_NAME = "preview.jpg";
/** The cover is the image this far into the recording: the beginning is often dark. */
const COVER_AT = 1 / 3;
/** Images that may wait for the disk. */
const MAX_WAITING = 64;

/**
 * Keeps a recording's preview images: `previews/0.jpg` and so on, an index that tells how many there are, and in the end
 * a track that says when each is shown. Files appear complete. What cannot be written ends the previews, nothing else.
 */
export class PreviewFiles implements PreviewKeeper {
  readonly #folder: string;
  readonly #times: number[];
  readonly #writes: WriteQueue;

  /** `past` are the times of the images that are there already, see {@link readPreviewTimes}. */
  constructor(folder: string, past: readonly number[], onProblem: (problem: string) => void) {
    this.#folder = folder;
    this.#times = [...past];
    this.#writes = new WriteQueue({
      mostWaiting: MAX_WAITING,
      onProblem: (trouble) => onProblem(`No more preview images are kept (${trouble}).`),
    });
    // A line that was cut off goes, and the index says what is there.
    if (past.length > 0) this.#writes.add(() => this.#begin());
  }

  preview({ number, seconds, bytes }: PreviewImage): void {
    this.#writes.add(async () => {
      await writeWhole(this.#path(`${number}.jpg`), bytes);
      await appendFile(this.#path(TIMES_NAME), `${seconds.toFixed(3)}\n`);
      this.#times.push(seconds);
      await this.#writeIndex();
    });
  }

  /** What there is, once everything is on disk that will be; undefined when there are none, or not all of them. */
  async described(): Promise<TileTrack | undefined> {
    await this.settle();
    if (this.#writes.hasFailed || this.#times.length === 0) return undefined;
    try {
      const info = readImageInfo(await readFile(this.#path("0.jpg")));
      const files = await Promise.all(this.#times.map((_, number) => stat(this.#path(`${number}.jpg`))));
      const largestBytes = files.reduce((most, { size }) => Math.max(most, size), 0);
      return info && { times: this.#times, width: info.width, height: info.height, largestBytes };
    } catch {
      return undefined;
    }
  }

  /** Writes what can only be told after the end. Never rejects: a recording plays without. */
  async finish(presentation: Presentation): Promise<void> {
    this.#writes.add(async () => {
      if (this.#times.length === 0) return;
      const track = thumbnailTrack(presentation, this.#times);
      if (track !== undefined) await writeWhole(this.#path(TRACK_NAME), track);
      const cover = await readFile(this.#path(`${Math.floor(this.#times.length * COVER_AT)}.jpg`));
      await writeWhole(join(this.#folder, COVER_NAME), cover);
      await rm(this.#path(TIMES_NAME), { force: true });
    });
    await this.settle();
  }

  /** Resolves when everything is on disk that there is so far. */
  async settle(): Promise<void> {
    await this.#writes.settle();
  }

  async #begin(): Promise<void> {
    await writeWhole(this.#path(TIMES_NAME), this.#times.map((seconds) => `${seconds.toFixed(3)}\n`).join(""));
    await this.#writeIndex();
  }

  #writeIndex(): Promise<void> {
    const index = { index_start: 0, count: this.#times.length, pattern: "%d.jpg" };
    return writeWhole(this.#path(INDEX_NAME), JSON.stringify(index));
  }

  #path(name: string): string {
    return join(this.#folder, PREVIEWS_FOLDER, name);
  }
}

/** When each preview image is shown that an earlier life of the server kept, as far as they are all there. */
export async function readPreviewTimes(folder: string): Promise<number[]> {
  const text = await readFile(join(folder, PREVIEWS_FOLDER, TIMES_NAME), "utf8").catch(() => "");
  const times: number[] = [];
  // What follows the last line's end is a line that was cut off.
  for (const line of text.split("\n").slice(0, -1)) {
    const isThere = await stat(join(folder, PREVIEWS_FOLDER, `${times.length}.jpg`)).catch(() => undefined);
    if (isThere === undefined || !/^-?\d+\.\d{3}$/.test(line)) break;
    times.push(Number(line));
  }
  return times;
}

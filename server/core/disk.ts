import { statfs } from "node:fs/promises";
import { LiveError, messageOf } from "./errors.ts";

/** What a person calls the troubles of a disk. */
const WORDS: Readonly<Record<string, string>> = {
  ENOSPC: "the disk is full",
  EDQUOT: "the disk quota is used up",
  EROFS: "the disk is read-only",
  EACCES: "the folder may not be written",
  EPERM: "the folder may not be written",
  EIO: "the disk has failed",
};

const MEGABYTE = 1_000_000;

/** Why something could not be written, in words that fit into a close frame. */
export function diskTrouble(error: unknown): string {
  const code = typeof error === "object" && error !== null && "code" in error ? String(error.code) : "";
  const words = WORDS[code];
  return words === undefined ? messageOf(error) : `${words} (${code})`;
}

/** The floor under a disk's free space: below it nothing new begins, so that what has begun can go on. */
export class DiskFloor {
  readonly #folder: string;
  readonly #minFreeBytes: number;

  /** Watches the disk that `folder` lies on. `minFreeMb` are millions of bytes; 0: no floor. */
  constructor(folder: string, minFreeMb: number) {
    this.#folder = folder;
    this.#minFreeBytes = minFreeMb * MEGABYTE;
  }

  /** Rejects with `no_room` when too little is left for another broadcast. */
  async check(): Promise<void> {
    if (this.#minFreeBytes === 0) return;
    const free = await this.#freeBytes();
    if (free >= this.#minFreeBytes) return;
    const [left, floor] = [free, this.#minFreeBytes].map((bytes) => `${Math.floor(bytes / MEGABYTE)} MB`);
    throw new LiveError(
      "no_room",
      `no new broadcasts: ${left} of the disk are free, MILLRACE_MIN_FREE_MB keeps ${floor}`,
    );
  }

  /** What this process may still write, in bytes; a disk that cannot be asked is taken to have room. */
  async #freeBytes(): Promise<number> {
    try {
      const { bavail, bsize } = await statfs(this.#folder);
      return bavail * bsize;
    } catch {
      return Number.POSITIVE_INFINITY;
    }
  }
}

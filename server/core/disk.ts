import { statfs } from "node:fs/promises";
import { codeOf, LiveError, messageOf } from "./errors.ts";

/** What a person calls the troubles of a disk. */
const WORDS: Readonly<Record<string, string>> = {
  ENOSPC: "the disk is full",
  EDQUOT: "the disk quota is used up",
  EROFS: "the disk is read-only",
  EACCES: "the folder may not be written",
  EPERM: "the folder may not be written",
  EIO: "the disk has failed",
  EEXIST: "this is no folder",
  ENOTDIR: "this is no folder",
};

const MEGABYTE = 1_000_000;
const WATCH_MS = 5_000;

/** What is free for this process, in bytes, and what shall be. */
export interface DiskState {
  readonly isLow: boolean;
  readonly freeBytes: number;
  readonly floorBytes: number;
}

/** Why something could not be written, in words that fit into a close frame. */
export function diskTrouble(error: unknown): string {
  return knownDiskTrouble(error) ?? messageOf(error);
}

/** The same of what is known to be a disk's trouble, else undefined. */
export function knownDiskTrouble(error: unknown): string | undefined {
  const code = codeOf(error) ?? "";
  const words = WORDS[code];
  return words && `${words} (${code})`;
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
    const { isLow, freeBytes, floorBytes } = await this.look();
    if (!isLow) return;
    const [left, floor] = [freeBytes, floorBytes].map((bytes) => `${Math.floor(bytes / MEGABYTE)} MB`);
    throw new LiveError(
      "no_room",
      `no new broadcasts: ${left} of the disk are free, MILLRACE_MIN_FREE_MB keeps ${floor}`,
    );
  }

  /** How things stand now; a disk that cannot be asked is taken to have room. */
  async look(): Promise<DiskState> {
    const floorBytes = this.#minFreeBytes;
    try {
      const { bavail, bsize } = await statfs(this.#folder);
      const freeBytes = bavail * bsize;
      return { isLow: freeBytes < floorBytes, freeBytes, floorBytes };
    } catch {
      return { isLow: false, freeBytes: 0, floorBytes };
    }
  }

  /** Looks now and then, and tells when the floor is passed, downwards or upwards. */
  watch(onChange: (state: DiskState) => void): Disposable {
    let wasLow = false;
    const look = async () => {
      const state = await this.look();
      if (state.isLow === wasLow) return;
      wasLow = state.isLow;
      onChange(state);
    };
    const timer = setInterval(() => void look(), WATCH_MS).unref();
    return { [Symbol.dispose]: () => clearInterval(timer) };
  }
}

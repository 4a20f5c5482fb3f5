import { monotonicMs } from "../core/clock.ts";
import type { ContainerEvent, ContainerScanner } from "./container.ts";
import { areAlike, type ImageInfo, readImageInfo } from "./image-info.ts";
import { LENGTH_BYTES, MAX_ANNOUNCED_BYTES, PrefixedReader } from "./length-prefixed.ts";

/** Images that come in one breath are a millisecond apart, up to this much ahead of the clock. */
const MAX_AHEAD_MS = 100;
/** Another kind or size of image begins a new epoch, and with it a new encoder, no more often than this. */
const MIN_EPOCH_MS = 2_000;

/** How a {@link FramesScanner} begins. */
export interface FramesScannerOptions {
  /** Where the first length lies. */
  readonly startOffset?: number;
  /** A clock in ms. */
  readonly now?: () => number;
  /** Of a log of an earlier life: the times in seconds that its images had; undefined for one that had none. */
  readonly timeAt?: ((offset: number) => number | undefined) | undefined;
}

/**
 * Follows the length-prefixed images of one publisher. Images carry no time: theirs is when their last byte arrived,
 * since the first one, in whole milliseconds and rising.
 *
 * An image that cannot have a place among the others has no event: one of another kind or size too soon after the last
 * change, and one of very many at a time. It is in the log all the same, and viewers of images see it.
 */
export class FramesScanner implements ContainerScanner {
  readonly #now: () => number;
  readonly #known: FramesScannerOptions["timeAt"];
  #reader = new PrefixedReader(MAX_ANNOUNCED_BYTES);
  #offset: number;
  #beganMs: number | undefined;
  #timeMs = -1;
  #shape: ImageInfo | undefined;
  #epochMs = Number.NEGATIVE_INFINITY;

  constructor({ startOffset = 0, now = monotonicMs, timeAt }: FramesScannerOptions = {}) {
    this.#offset = startOffset;
    this.#now = now;
    this.#known = timeAt;
  }

  get heldBytes(): number {
    return this.#reader.heldBytes;
  }

  push(chunk: Uint8Array): ContainerEvent[] {
    const events: ContainerEvent[] = [];
    for (const found of this.#reader.push(chunk)) {
      if (found.type === "message") {
        const info = readImageInfo(found.bytes.subarray(LENGTH_BYTES));
        if (info === undefined) events.push({ type: "damage", offset: this.#offset });
        else events.push(...this.#image(info));
      }
      this.#offset += found.type === "message" ? found.bytes.byteLength : LENGTH_BYTES;
      if (found.type === "skipped") this.#offset += found.bytes;
    }
    return events;
  }

  jump({ offset }: Parameters<ContainerScanner["jump"]>[0]): void {
    this.#reader = new PrefixedReader(MAX_ANNOUNCED_BYTES);
    this.#offset = offset;
  }

  end(): void {}

  #image(info: ImageInfo): ContainerEvent[] {
    const isOther = this.#shape === undefined || !areAlike(info, this.#shape);
    const timeMs = this.#known === undefined ? this.#place(isOther) : this.#knownMs(this.#known);
    if (timeMs === undefined) return [];
    this.#timeMs = timeMs;
    const time = timeMs / 1000;
    const offset = this.#offset;
    const image: ContainerEvent[] = [
      { type: "resync", offset, time },
      { type: "frame", track: 1, kind: "video", time, key: true },
    ];
    if (!isOther) return image;
    this.#shape = info;
    this.#epochMs = timeMs;
    const tracks = [{ id: 1, kind: "video", ...info }] as const;
    return [{ type: "init", offset, end: offset, kind: "frames", tracks }, ...image];
  }

  /** Its time in ms; undefined when it has no place. */
  #place(isOther: boolean): number | undefined {
    const now = this.#now();
    this.#beganMs ??= now;
    const arrivedMs = Math.round(now - this.#beganMs);
    const timeMs = Math.max(arrivedMs, this.#timeMs + 1);
    if (timeMs - arrivedMs > MAX_AHEAD_MS) return undefined;
    return isOther && timeMs - this.#epochMs < MIN_EPOCH_MS ? undefined : timeMs;
  }

  #knownMs(timeAt: (offset: number) => number | undefined): number | undefined {
    const seconds = timeAt(this.#offset);
    return seconds === undefined ? undefined : Math.round(seconds * 1000);
  }
}

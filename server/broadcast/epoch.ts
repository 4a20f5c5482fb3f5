import type { ContainerEvent, ContainerKind, MediaTrack } from "../media/container.ts";

/** Resync points kept in memory: over half an hour at one key frame a second, and only the newest are ever wanted. */
const RESYNC_POINTS_KEPT = 2048;
/** Of images each is one, and only here is its time: over two minutes at 120 a second, more than an encoder may lag. */
const IMAGES_KEPT = 16_384;

/** Times of pictures kept in memory: a quarter of a minute at 60 a second, more than lies between two runs of an encoder. */
const PICTURES_KEPT = 1024;

/** Where decoding can start, after the init bytes and `preamble`. */
export interface ResyncPoint {
  readonly offset: number;
  /** Seconds on the publisher's clock. */
  readonly time: number;
  /** Unix time in ms at which it arrived. */
  readonly arrivedMs: number;
  readonly preamble?: Uint8Array;
}

/** Half of the smallest step of WebM's clock. */
const SAME_SECONDS = 0.0005;

type InitEvent = Extract<ContainerEvent, { type: "init" }>;
type FrameEvent = Extract<ContainerEvent, { type: "frame" }>;

/** One container within a broadcast's log: its init bytes, its tracks, and where decoding can start. */
export class Epoch {
  /** 0 for the first of a broadcast. */
  readonly number: number;
  readonly kind: ContainerKind;
  readonly tracks: readonly MediaTrack[];
  /** Offsets in the log. */
  readonly init: { readonly offset: number; readonly end: number };
  /** Unix time in ms at which its first bytes arrived. */
  readonly arrivedMs: number;
  /** Offset behind its last byte, once another epoch has begun. */
  end: number | undefined;
  /** Where it begins, when that is not behind its init bytes: those of an epoch before it, whose clock went back here. */
  readonly begins: ResyncPoint | undefined;
  #resyncs: ResyncPoint[] = [];
  #firstTime: number | undefined;
  #firstKeyTime: number | undefined;
  #newestTime = 0;
  #lastKeyTime: number | undefined;
  #longestKeyInterval = 0;
  #pictures = 0;
  #pictureTimes: number[] = [];

  constructor(number: number, event: InitEvent, arrivedMs: number, begins?: ResyncPoint) {
    this.number = number;
    this.begins = begins;
    this.kind = event.kind;
    this.tracks = event.tracks;
    this.init = { offset: event.offset, end: event.end };
    this.arrivedMs = arrivedMs;
  }

  /** Media time of the first frame, in seconds; undefined before it. */
  get firstTime(): number | undefined {
    return this.#firstTime;
  }

  /** Media time of the first key frame of the picture, in seconds; undefined before it. */
  get firstKeyTime(): number | undefined {
    return this.#firstKeyTime;
  }

  /** The newest media time of any track, in seconds. */
  get newestTime(): number {
    return this.#newestTime;
  }

  /** The longest time without a key frame so far, the present one included, in seconds; 0 without video. */
  get longestKeyInterval(): number {
    return this.#longestKeyInterval;
  }

  /** Frames of video so far. */
  get pictures(): number {
    return this.#pictures;
  }

  get newestResync(): ResyncPoint | undefined {
    return this.#resyncs.at(-1);
  }

  /** The newest resync point at or before `time`, else the oldest that is known. */
  resyncBefore(time: number): ResyncPoint | undefined {
    return this.#resyncs.findLast((point) => point.time <= time) ?? this.#resyncs[0];
  }

  /** The oldest known resync point at or behind `offset`. */
  resyncAfter(offset: number): ResyncPoint | undefined {
    return this.#resyncs.find((point) => point.offset >= offset);
  }

  /** Media time of the resync point at exactly `offset`, in seconds; undefined when it is none that is known. */
  timeAt(offset: number): number | undefined {
    let low = 0;
    let high = this.#resyncs.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#resyncs[middle]?.offset ?? 0) < offset) low = middle + 1;
      else high = middle;
    }
    const point = this.#resyncs[low];
    return point?.offset === offset ? point.time : undefined;
  }

  /**
   * Whether a resync point at `time` cannot continue what has come so far: the publisher's clock went back. Only resync
   * points are compared, since another life of the server knows nothing but them.
   */
  goesBackTo(time: number): boolean {
    const { newestResync } = this;
    return newestResync !== undefined && time < newestResync.time;
  }

  /** The first of the newest pictures at or after `time`; undefined where that is not known. */
  pictureAfter(time: number): number | undefined {
    const [oldest] = this.#pictureTimes;
    // The scanner of MP4 does not tell of each.
    if (this.kind === "mp4" || oldest === undefined || oldest > time) return undefined;
    const after = this.#pictureTimes.filter((picture) => picture >= time - SAME_SECONDS);
    return after.length === 0 ? undefined : Math.min(...after);
  }

  addResync(point: ResyncPoint): void {
    this.#resyncs.push(point);
    const kept = this.kind === "frames" ? IMAGES_KEPT : RESYNC_POINTS_KEPT;
    if (this.#resyncs.length > kept) this.#resyncs = this.#resyncs.slice(-kept / 2);
  }

  addFrame(frame: FrameEvent): void {
    this.#firstTime = Math.min(this.#firstTime ?? frame.time, frame.time);
    this.#newestTime = Math.max(this.#newestTime, frame.time);
    if (frame.kind !== "video") return;
    this.#pictures += 1;
    this.#pictureTimes.push(frame.time);
    if (this.#pictureTimes.length > 2 * PICTURES_KEPT) this.#pictureTimes = this.#pictureTimes.slice(-PICTURES_KEPT);
    this.#lastKeyTime ??= frame.time;
    this.#longestKeyInterval = Math.max(this.#longestKeyInterval, frame.time - this.#lastKeyTime);
    if (!frame.key) return;
    this.#lastKeyTime = frame.time;
    this.#firstKeyTime ??= frame.time;
  }
}

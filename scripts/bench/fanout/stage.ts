import { setTimeout as sleep } from "node:timers/promises";
import { Presentation } from "../../../server/packaging/presentation.ts";
import { FRAME_RATE, type Loop, type LoopedChunk, playLoop } from "./media.ts";

/** How the broadcast is cut; the server's own defaults. In seconds. */
export const SEGMENT_SECONDS = 2;
export const PART_SECONDS = 0.2;
/** The server keeps a window twice before it forgets what is in it: so much is there before anybody comes. */
const WINDOWS_BEFORE = 2;

/** Unix time in ms with fractions, the same for all processes of this machine. */
export function sharedMs(): number {
  return performance.timeOrigin + performance.now();
}

/** A broadcast that plays a loop to the millisecond: everything in it is due at a known time. */
export class Stage {
  readonly presentation: Presentation;
  readonly #chunks: Generator<LoopedChunk, never>;
  #next: LoopedChunk;

  constructor(loop: Loop, windowSeconds: number) {
    this.presentation = new Presentation({
      segmentSeconds: SEGMENT_SECONDS,
      partSeconds: PART_SECONDS,
      windowSeconds,
      keeper: undefined,
    });
    this.#chunks = playLoop(loop);
    this.#next = this.#chunks.next().value;
  }

  /** Says when the broadcast's first moment was, in Unix ms, and plays what comes before viewers do. */
  begin({ video, audio }: Loop, epochMs: number, seconds: number): void {
    const tracks = [
      { name: "video0", kind: "video", copy: true },
      { name: "audio0", kind: "audio", copy: false },
    ] as const;
    const anchor = { seconds: 0, wallMs: epochMs };
    const place = { epoch: 0, offsetSeconds: 0 };
    const longestSegmentSeconds = SEGMENT_SECONDS + 1;
    this.presentation.startRun({ tracks, continues: false, place, anchor, longestSegmentSeconds });
    this.presentation.track("video0")?.begin(video.init);
    this.presentation.track("audio0")?.begin(audio.init);
    this.playTo(seconds);
  }

  /** Where the next chunk ends, in seconds: it is due then. */
  get nextEnd(): number {
    return this.#next.end;
  }

  /** Gives packaging every chunk that ends at or before this time, as its listener would. */
  playTo(seconds: number): void {
    while (this.#next.end <= seconds) {
      const { track, moof, mdat } = this.#next;
      this.presentation.track(track)?.add(moof, mdat);
      if (track === "video0") this.presentation.wakeSound();
      this.#next = this.#chunks.next().value;
    }
  }
}

/** Seconds of media that are there before the first viewer comes, so that nothing grows while it is measured. */
export function secondsBefore(windowSeconds: number): number {
  const seconds = WINDOWS_BEFORE * (windowSeconds + SEGMENT_SECONDS) + SEGMENT_SECONDS;
  return Math.ceil(seconds * FRAME_RATE) / FRAME_RATE;
}

/** Calls `play` whenever something is due: `nextMs` says when, in Unix ms, and undefined that nothing will be. */
export async function keepTime(nextMs: () => number | undefined, play: (nowMs: number) => void): Promise<void> {
  for (let dueMs = nextMs(); dueMs !== undefined; dueMs = nextMs()) {
    const nowMs = sharedMs();
    if (nowMs >= dueMs) play(nowMs);
    else await sleep(dueMs - nowMs);
  }
}

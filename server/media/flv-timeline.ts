import type { ContainerEvent, MediaTrack } from "./container.ts";
import { type FlvPayload, readPayload } from "./flv-payload.ts";
import { FLV_TAG, type TagHeader } from "./flv-tag.ts";

/** Where a tag begins, and what its first bytes say. */
export interface PlacedPayload {
  readonly offset: number;
  /** Time of decoding in milliseconds. */
  readonly timeMs: number;
  readonly payload: FlvPayload;
}

/** Seconds of a stream without video after which one more resync point is worth having. */
const AUDIO_RESYNC_SECONDS = 2;

/** Turns the tags of one epoch into events. Tags of another codec than the one it began with are passed over. */
export class FlvTimeline {
  readonly #tracks: readonly MediaTrack[];
  /** Resync points are key frames of the picture; without one they are audio tags now and then. */
  readonly #hasVideo: boolean;
  #lastResync = Number.NEGATIVE_INFINITY;

  constructor(tracks: readonly MediaTrack[]) {
    this.#tracks = tracks;
    this.#hasVideo = tracks.some(({ kind }) => kind === "video");
  }

  /** Whether a tag whose body begins like this may belong to the stream. */
  mayHold(type: TagHeader["type"], body: Uint8Array): boolean {
    if (type === FLV_TAG.script) return false;
    const payload = readPayload(type, body);
    // One byte says what it is in plain FLV only; what is enhanced names its codec behind it.
    const isEnhanced = type === FLV_TAG.video ? (body[0] ?? 0) >= 0x80 : (body[0] ?? 0) >> 4 === 9;
    return payload !== undefined && (isEnhanced ? payload.codec !== undefined : this.#track(payload) !== undefined);
  }

  add({ offset, timeMs, payload }: PlacedPayload, events: ContainerEvent[]): void {
    const track = this.#track(payload);
    if (track === undefined || payload.role !== "frame") return;
    const { kind, key, delayMs } = payload;
    const time = (timeMs + delayMs) / 1000;
    if (this.#isResync(payload, time)) {
      this.#lastResync = time;
      events.push({ type: "resync", offset, time });
    }
    events.push({ type: "frame", track: track.id, kind, time, key });
  }

  #track({ kind, codec }: FlvPayload): MediaTrack | undefined {
    return this.#tracks.find((track) => track.kind === kind && track.codec === codec);
  }

  #isResync({ kind, key }: FlvPayload, time: number): boolean {
    if (this.#hasVideo) return kind === "video" && key;
    return time >= this.#lastResync + AUDIO_RESYNC_SECONDS;
  }
}

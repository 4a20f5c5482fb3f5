import { Pulse } from "../core/pulse.ts";
import type { FrameParcel } from "./frame.ts";

/** Frames that wait for a thread, bounded in bytes: the oldest go when there is no room, and are counted. */
export class FrameQueue {
  readonly #maxBytes: number;
  readonly #changed = new Pulse();
  #parcels: FrameParcel[] = [];
  #bytes = 0;
  #dropped = 0;
  #isEnded = false;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Pictures that were dropped so far. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Whether one more frame of this size would push others out. */
  isFullFor(bytes: number): boolean {
    return this.#parcels.length > 0 && this.#bytes + bytes > this.#maxBytes;
  }

  push(parcel: FrameParcel): void {
    while (this.isFullFor(parcel.bytes.byteLength)) this.#drop();
    this.#parcels.push(parcel);
    this.#bytes += parcel.bytes.byteLength;
    this.#changed.fire();
  }

  /** Forgets what waits. */
  clear(): void {
    while (this.#parcels.length > 0) this.#drop();
    this.#changed.fire();
  }

  /** Nothing more will come. */
  end(): void {
    this.#isEnded = true;
    this.#changed.fire();
  }

  /** The oldest frame; undefined when there is none left and nothing more will come. */
  async next(signal: AbortSignal): Promise<FrameParcel | undefined> {
    for (;;) {
      const parcel = this.#parcels.shift();
      if (parcel !== undefined) {
        this.#bytes -= parcel.bytes.byteLength;
        this.#changed.fire();
        return parcel;
      }
      if (this.#isEnded) return undefined;
      await this.#changed.wait(signal);
    }
  }

  /** Resolves when a frame of this size finds room. */
  async room(bytes: number, signal: AbortSignal): Promise<void> {
    while (this.isFullFor(bytes)) await this.#changed.wait(signal);
  }

  #drop(): void {
    const parcel = this.#parcels.shift();
    if (parcel === undefined) return;
    this.#bytes -= parcel.bytes.byteLength;
    if (parcel.kind === "picture") this.#dropped += 1;
  }
}

import { Pulse } from "../core/pulse.ts";
import type { Anchor } from "./timeline.ts";

/** What one of the publisher's containers is on the broadcast's timeline. */
export interface EpochPlace {
  /** Added to the publisher's times. In seconds. */
  readonly offsetSeconds: number;
  readonly anchor: Anchor;
}

/** Where the publisher's containers lie on the timeline, as the runs of the encoder tell. */
export class RunPlaces {
  readonly #places = new Map<number, EpochPlace>();
  readonly #changed = new Pulse();
  #isEnded = false;

  note(epoch: number, place: EpochPlace): void {
    this.#places.set(epoch, place);
    this.#changed.fire();
  }

  /** The encoder will begin no more of them. */
  end(): void {
    this.#isEnded = true;
    this.#changed.fire();
  }

  /** Resolves when the encoder has begun this container; rejects when it never will. */
  async of(epoch: number, signal: AbortSignal): Promise<EpochPlace> {
    for (;;) {
      const place = this.#places.get(epoch);
      if (place !== undefined) return place;
      if (this.#isEnded) throw new Error("the encoder never began this container");
      await this.#changed.wait(signal);
    }
  }
}

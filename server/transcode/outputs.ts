import type { TrackPlan } from "./plan.ts";

/** What a run encodes: a container of the publisher, counted from 0, and what is added to that one's times. */
export interface RunPlace {
  readonly epoch: number;
  readonly offsetSeconds: number;
}

/** What the encoder tells about a run before it starts. Times in seconds on the output's timeline. */
export interface RunDescription {
  readonly tracks: readonly TrackPlan[];
  /** The same tracks with the same settings from the same publisher's clock: what comes continues what was there. */
  readonly continues: boolean;
  /** Where the run's first frame lies, and the Unix time in ms at which it arrived. */
  readonly anchor: { readonly seconds: number; readonly wallMs: number };
  /** No segment of this broadcast will be longer. */
  readonly longestSegmentSeconds: number;
  readonly place: RunPlace;
  /** Called when a key frame of what is passed through is none that a player can begin at. */
  readonly onFalseKey?: () => void;
}

/** The receiving side of one run. */
export interface OutputRun {
  /** The address that takes the POST of a track. */
  urlOf(track: string): string;
  /** The address that takes preview images, with `%d` for their time in hundredths of a second since `zero`. */
  previewUrl(zero: number): string;
  /** No more is to come: what is open is closed. Call it when the process is gone. */
  end(): Promise<void>;
}

/** Where encoded tracks go; packaging provides it. */
export interface Outputs {
  openRun(run: RunDescription): OutputRun;
  /** Up to where a track has been published, in seconds on the output's timeline; undefined when nothing has. */
  endOf(track: string): number | undefined;
  /** The furthest end of all tracks; undefined when nothing has been published. */
  readonly end: number | undefined;
  /** When the next preview image is due; undefined when the first is. */
  readonly previewDue: number | undefined;
}

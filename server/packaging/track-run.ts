import type { Chunk, RunInit, Segment } from "./segment.ts";
import type { Timeline } from "./timeline.ts";
import type { Track } from "./track.ts";

/** What a track tells its broadcast. */
interface TrackListener {
  /** A part or a segment is there. */
  moved(): void;
  /** A chunk has been put into the open segment. */
  grew(track: Track, chunk: Chunk): void;
  initialised(track: Track, init: RunInit): void;
  completed(track: Track, segment: Segment): void;
}

/** What a track is made with. */
export interface TrackOptions {
  readonly name: string;
  readonly kind: "video" | "audio";
  readonly timeline: Timeline;
  readonly partSeconds: number;
  readonly windowSeconds: number;
  readonly listener: TrackListener;
}

/** One run of the encoder, as a track needs it. */
export interface TrackRun {
  readonly number: number;
  readonly continues: boolean;
  /** Passed through: what comes again after a restart is the very same, so it can go on between two key frames. */
  readonly copy: boolean;
  /** Called when a key frame of what is passed through is none that a player can begin at. */
  readonly onFalseKey?: (() => void) | undefined;
  /** A picture will say where segments are cut. */
  readonly followsVideo: boolean;
  /** A picture without a key frame for longer than this cannot be cut; its run is about to be replaced. */
  readonly longestSegmentSeconds: number;
  /** What playlists have promised of every segment. */
  readonly targetSeconds: number;
}

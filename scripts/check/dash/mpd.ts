import type { XmlElement } from "./xml.ts";

/** One entry of a SegmentTimeline, repetitions written out. Times in ticks. */
export interface TimelineEntry {
  readonly number: number;
  readonly time: number;
  readonly duration: number;
}

/** How the segments of a representation are addressed (§5.3.9.4). */
export interface Template {
  /** Ticks per second. */
  readonly timescale: number;
  readonly presentationTimeOffset: number;
  readonly startNumber: number;
  /** Ticks; of regular segments. */
  readonly duration: number | undefined;
  /** Of irregular ones. */
  readonly timeline: readonly TimelineEntry[] | undefined;
  /** The last entry of the timeline is repeated for as long as the period goes on (`r` below 0). */
  readonly timelineGoesOn: boolean;
  readonly initialization: string | undefined;
  readonly media: string | undefined;
  /** Seconds, base addresses included (§5.3.9.5.3). */
  readonly availabilityTimeOffset: number;
  /** False: the segment arrives while it is made. */
  readonly availabilityTimeComplete: boolean | undefined;
}

/** One representation with all that it inherits. */
export interface Representation {
  readonly id: string;
  readonly kind: "video" | "audio" | "other";
  readonly setId: string;
  readonly codecs: string;
  readonly bandwidth: number | undefined;
  readonly mimeType: string;
  /** Absolute; what templates are relative to. */
  readonly base: string;
  readonly template: Template | undefined;
  readonly startWithSap: boolean;
  readonly referenceTimes: readonly XmlElement[];
}

/** One period. */
export interface Period {
  readonly id: string | undefined;
  /** Seconds from the start of the presentation. */
  readonly start: number;
  /** Seconds; undefined of the last one of a live presentation. */
  readonly duration: number | undefined;
  readonly representations: readonly Representation[];
}

/** A manifest as it was sent, whether it keeps the rules or not. */
export interface Mpd {
  readonly url: string;
  readonly text: string;
  readonly root: XmlElement;
  readonly isWellFormed: boolean;
  readonly dynamic: boolean;
  /** Unix time in ms. */
  readonly availabilityStart: number | undefined;
  /** Unix time in ms. */
  readonly published: number | undefined;
  /** Seconds. */
  readonly minimumUpdatePeriod: number | undefined;
  /** Seconds; undefined: everything stays. */
  readonly timeShiftBufferDepth: number | undefined;
  /** Seconds, as announced. */
  readonly maxSegmentDuration: number | undefined;
  readonly periods: readonly Period[];
  readonly clocks: readonly { readonly scheme: string; readonly value: string }[];
  readonly problems: readonly string[];
}

/** One segment that a manifest tells of, on the media time line and on the clock. */
export interface MediaSegment {
  readonly representation: Representation;
  readonly number: number;
  /** Absolute. */
  readonly url: string;
  /** Ticks, as tfdt has it. */
  readonly time: number;
  /** Ticks. */
  readonly duration: number;
  /** Seconds. */
  readonly seconds: number;
  /** Unix time in ms from which on it can be asked for: its beginning, with an availabilityTimeOffset. */
  readonly availableFrom: number;
  /** Unix time in ms from which on it is there as a whole. */
  readonly completeFrom: number;
  /** Listed in a SegmentTimeline, not reckoned. */
  readonly listed: boolean;
}

/** All representations of the last period, which is the live one. */
export function liveRepresentations({ periods }: Mpd): readonly Representation[] {
  return periods.at(-1)?.representations ?? [];
}

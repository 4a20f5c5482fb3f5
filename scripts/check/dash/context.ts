import type { Answer } from "../client.ts";
import { median } from "../numbers.ts";
import { liveRepresentations, type MediaSegment, type Representation } from "./mpd.ts";
import { type DashWatch, isLowLatency } from "./watch.ts";

/** A complete segment that was asked for after the observation. */
export interface FetchedSegment {
  readonly segment: MediaSegment;
  readonly answer: Answer;
}

/** What the rules for DASH are judged by. */
export interface DashContext {
  readonly watch: DashWatch;
  /** Every complete segment of the newest manifest's last period, and what came when it was asked for. */
  readonly fetched: readonly FetchedSegment[];
  /** Init segments by representation. */
  readonly inits: ReadonlyMap<string, Answer>;
  /** ms that may be lost between the server and here. */
  readonly slackMs: number;
}

/** Representations of the newest manifest's last period. */
export const representationsOf = ({ watch }: DashContext): readonly Representation[] =>
  liveRepresentations(watch.latest);

/** A need: the presentation is live. */
export const isLive = ({ watch }: DashContext): string | undefined =>
  watch.latest.dynamic ? undefined : "the presentation is static";

/** A need: segments can be asked for while they are made. */
export const hasEarlySegments = (context: DashContext): string | undefined =>
  representationsOf(context).some(isLowLatency) ? undefined : "no availabilityTimeOffset: not low latency";

/** A need: some segment was followed while it was made. */
export const sawProgress = ({ watch }: DashContext): string | undefined =>
  watch.progress.length > 0 ? undefined : "no segment was seen while it was made";

/** ms from here to the server and back, as refreshing the manifest took. */
export const roundTripMs = ({ watch }: DashContext): number =>
  median(watch.manifests.map(({ answer }) => answer.headersAt - answer.sentAt));

/** A segment, for people. */
export const nameOf = ({ representation, number }: MediaSegment): string => `${representation.id} ${number}`;

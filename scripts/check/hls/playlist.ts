import type { ByteRange } from "../client.ts";
import type { Attributes } from "./attributes.ts";

/** Something that can be asked for: a whole resource, or a range of one. */
export interface Resource {
  /** Absolute. */
  readonly url: string;
  readonly range?: ByteRange | undefined;
}

/** One part (§4.4.4.9). */
export interface Part extends Resource {
  readonly seconds: number;
  readonly independent: boolean;
  readonly gap: boolean;
}

/** What is known of a segment before its URI line is there. */
export interface OpenSegment {
  /** Media Sequence Number. */
  readonly number: number;
  readonly parts: readonly Part[];
  /** Discontinuity Sequence Number. */
  readonly discontinuities: number;
  /** Unix time in ms of its PROGRAM-DATE-TIME, or what follows from an earlier one. */
  readonly wallMs: number | undefined;
  readonly hasOwnDate: boolean;
  readonly map: Resource | undefined;
}

/** One segment with its URI line. */
export interface Segment extends OpenSegment, Resource {
  readonly seconds: number;
  readonly gap: boolean;
}

/** EXT-X-PRELOAD-HINT (§4.4.5.3). */
export interface Hint extends Resource {
  readonly type: string;
}

/** EXT-X-RENDITION-REPORT (§4.4.5.4). */
export interface RenditionReport {
  /** Absolute. */
  readonly url: string;
  /** As it stands in the playlist. */
  readonly uri: string;
  readonly lastNumber: number | undefined;
  readonly lastPart: number | undefined;
}

/** EXT-X-SKIP (§4.4.5.2). */
export interface Skip {
  readonly segments: number;
  /** Undefined where the attribute is missing. */
  readonly removedDateRanges: readonly string[] | undefined;
}

/** A media playlist as it was sent, whether it keeps the rules or not. */
export interface MediaPlaylist {
  readonly url: string;
  readonly text: string;
  /** 1 where the tag is missing. */
  readonly version: number;
  readonly targetSeconds: number | undefined;
  /** Of the first segment, before any skipping. */
  readonly firstNumber: number;
  readonly firstDiscontinuity: number;
  readonly type: string | undefined;
  readonly ended: boolean;
  readonly framesOnly: boolean;
  readonly serverControl: Attributes | undefined;
  readonly partTarget: number | undefined;
  readonly skip: Skip | undefined;
  readonly segments: readonly Segment[];
  /** Parts of the segment that is not complete yet. */
  readonly open: OpenSegment;
  readonly hints: readonly Hint[];
  readonly reports: readonly RenditionReport[];
  /** IDs of EXT-X-DATERANGE. */
  readonly dateRanges: readonly string[];
  /** What does not fit the grammar. */
  readonly problems: readonly string[];
}

/** A place in a rendition: a part of a segment, or the whole of it. */
export interface Position {
  readonly number: number;
  /** Undefined: the whole segment. */
  readonly part: number | undefined;
}

/** The newest that a playlist lists. */
export function edgeOf({ open, segments, firstNumber }: MediaPlaylist): Position {
  if (open.parts.length > 0) return { number: open.number, part: open.parts.length - 1 };
  const last = segments.at(-1);
  if (last === undefined) return { number: firstNumber - 1, part: undefined };
  return { number: last.number, part: last.parts.length > 0 ? last.parts.length - 1 : undefined };
}

/** What comes after the newest, as a blocking reload asks for it. */
export function nextOf({ open }: MediaPlaylist): { readonly number: number; readonly part: number } {
  return { number: open.number, part: open.parts.length };
}

/** Whether a playlist lists a position or something after it. Without `part`: the whole segment. */
export function reaches({ open, segments }: MediaPlaylist, { number, part }: Position): boolean {
  const last = segments.at(-1)?.number ?? Number.NEGATIVE_INFINITY;
  if (last >= number) return true;
  return (
    part !== undefined &&
    (open.number > number ? open.parts.length > 0 : open.number === number && open.parts.length > part)
  );
}

/** All parts with their places, oldest first. */
export function partsOf({ segments, open }: MediaPlaylist): { number: number; index: number; part: Part }[] {
  return [...segments, open].flatMap(({ number, parts }) => parts.map((part, index) => ({ number, index, part })));
}

export const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/** One name for one resource. */
export function keyOf({ url, range }: Resource): string {
  return range === undefined ? url : `${url} ${range.start}+${range.length ?? ""}`;
}

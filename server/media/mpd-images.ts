import { type TimelineEntry, timelineLines } from "./mpd-timeline.ts";

/** Preview images of one period, one in each tile. */
export interface MpdImages {
  readonly id: string;
  /** bit/s while the largest of them is shown for the shortest time. */
  readonly bandwidth: number;
  /** Pixels. */
  readonly width: number;
  readonly height: number;
  readonly timescale: number;
  /** Media time of the period's start, in ticks. */
  readonly presentationTimeOffset: number;
  /** With `$Number$`. */
  readonly mediaUri: string;
  readonly firstNumber: number;
  readonly timeline: readonly TimelineEntry[];
}

/** DASH-IF IOP 4.3 §6.2.6: how many images lie beside and below each other in a tile. */
const TILES = `<EssentialProperty schemeIdUri="http://dashif.org/guidelines/thumbnail_tile" value="1x1"/>`;

/** The adaptation set of preview images, the `index`th of its period. */
export function imageSetLines(images: MpdImages, index: number): string[] {
  const { id, bandwidth, width, height, timescale, presentationTimeOffset, mediaUri, firstNumber } = images;
  const times = `timescale="${timescale}" presentationTimeOffset="${presentationTimeOffset}"`;
  return [
    `    <AdaptationSet id="${index}" contentType="image" mimeType="image/jpeg">`,
    `      <Representation id="${id}" bandwidth="${bandwidth}" width="${width}" height="${height}">`,
    `        ${TILES}`,
    `        <SegmentTemplate ${times} media="${mediaUri}" startNumber="${firstNumber}">`,
    ...timelineLines(images.timeline, "          "),
    "        </SegmentTemplate>",
    "      </Representation>",
    "    </AdaptationSet>",
  ];
}

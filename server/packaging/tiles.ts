import type { Presentation } from "./presentation.ts";
import type { Track } from "./track.ts";

/** An image that would be shown for less is left out. In seconds. */
const SHORTEST = 0.01;

/** One preview image, and from when to when it stands for the picture. Seconds on the broadcast's timeline. */
interface Tile {
  readonly number: number;
  readonly begin: number;
  readonly end: number;
}

/** The images of what lies between two discontinuities: one always follows the other. */
export interface TileStretch {
  /** How many discontinuities lie before it. */
  readonly discontinuities: number;
  /** Unix time in ms of 0 on the broadcast's timeline, as this stretch has it. */
  readonly zeroMs: number;
  /** At least one; each has the number after the one before it. */
  readonly tiles: readonly Tile[];
}

/** The preview images of a recording, as playlists and manifests tell of them. */
export interface TileTrack {
  /** When each image is shown, in seconds on the broadcast's timeline. */
  readonly times: readonly number[];
  /** Pixels. */
  readonly width: number;
  readonly height: number;
  readonly largestBytes: number;
}

/**
 * Which image stands for what, so that each moment of the picture has one: the first of a stretch from its beginning on,
 * and where a stretch has none of its own, the last before it. Empty without a picture or without images.
 */
export function tileStretches(presentation: Presentation, times: readonly number[]): TileStretch[] {
  const picture = presentation.tracks.find(({ kind }) => kind === "video");
  if (picture === undefined || times.length === 0) return [];
  return picturesOf(picture).map(({ begin, end, ...stretch }) => {
    const inside = times.flatMap((time, number) => (time >= begin && time < end - SHORTEST ? [{ number, time }] : []));
    const earlier = {
      number: Math.max(
        0,
        times.findLastIndex((time) => time <= begin),
      ),
      time: begin,
    };
    const shown = inside.length > 0 ? inside : [earlier];
    const tiles = shown.map(({ number, time }, index) => ({
      number,
      begin: index === 0 ? begin : time,
      end: shown[index + 1]?.time ?? end,
    }));
    return { ...stretch, tiles };
  });
}

/** What of a picture lies between its discontinuities. */
function picturesOf({ window }: Track) {
  const stretches = new Map<number, { discontinuities: number; zeroMs: number; begin: number; end: number }>();
  for (const { run, start, duration, boundary } of window.rows) {
    const timescale = window.init(run)?.info.timescale ?? 1;
    const { discontinuities, wallMs, time } = boundary;
    const known = stretches.get(discontinuities);
    const end = (start + duration) / timescale;
    if (known !== undefined) known.end = end;
    else
      stretches.set(discontinuities, { discontinuities, zeroMs: wallMs - time * 1000, begin: start / timescale, end });
  }
  return [...stretches.values()];
}

/** A rung of the ladder as the operator asked for it: the publisher's own picture, or a box that the picture must fit. */
export type RungWish =
  | { readonly original: true }
  | {
      readonly original?: false;
      readonly width: number;
      readonly height: number;
      readonly fps?: number | undefined;
      readonly kbps?: number | undefined;
    };

/** The publisher's picture. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  /** Undefined when the container does not tell. */
  readonly fps?: number | undefined;
}

/** A rung for a certain picture: the picture as it is, or an encoded one of exactly this size. */
export type Rung =
  | { readonly original: true }
  | {
      readonly original: false;
      readonly width: number;
      readonly height: number;
      /** The highest frame rate; undefined keeps the publisher's. */
      readonly fps: number | undefined;
      readonly kbps: number | undefined;
    };

type BoxRung = Extract<Rung, { original: false }>;

/** What cameras and test pictures have when nobody tells. */
export const ASSUMED_FPS = 30;

/**
 * What becomes of a ladder for a certain picture: each box takes the picture's shape with even sides; frame rates are
 * never raised, pictures never enlarged, and what would be there twice is there once. Nothing but boxes that are all
 * too large leaves the smallest of them, so that there is something to watch.
 */
export function fitLadder(ladder: readonly RungWish[], picture: Picture): readonly Rung[] {
  const rungs = ladder.map((wish) => (wish.original === true ? wish : inShape(wish, picture)));
  const own = { original: false, ...evenly(picture), fps: undefined, kbps: undefined } as const;
  const seen = new Set(rungs.some(({ original }) => original) ? [labelOf(own, picture)] : []);
  const kept = rungs.filter((rung) => {
    if (rung.original) return true;
    const label = labelOf(rung, picture);
    const isNew = !seen.has(label);
    seen.add(label);
    return isNew && rung.width <= own.width && rung.height <= own.height;
  });
  return kept.length > 0 ? kept : smallest(rungs);
}

/** The largest size of the picture's shape within the box. */
function inShape(wish: Exclude<RungWish, { original: true }>, picture: Picture): BoxRung {
  const scale = Math.min(wish.width / picture.width, wish.height / picture.height);
  const size = evenly({ width: picture.width * scale, height: picture.height * scale });
  const isAsked = wish.fps !== undefined && (picture.fps === undefined || wish.fps < picture.fps);
  return { original: false, ...size, fps: isAsked ? wish.fps : undefined, kbps: wish.kbps };
}

/** Sides are rounded up to even ones, which the encoder needs. */
function evenly({ width, height }: { width: number; height: number }): { width: number; height: number } {
  // What is off by the arithmetic alone is not another pixel.
  const up = (side: number) => 2 * Math.ceil(Number(side.toFixed(6)) / 2);
  return { width: up(width), height: up(height) };
}

function labelOf({ width, height, fps, kbps }: BoxRung, picture: Picture): string {
  const own = picture.fps ?? ASSUMED_FPS;
  return `${width}x${height}-${Math.min(fps ?? own, own)}~${kbps ?? ""}`;
}

function smallest(rungs: readonly Rung[]): readonly Rung[] {
  const boxes = rungs.filter((rung): rung is BoxRung => !rung.original);
  return boxes.toSorted((a, b) => a.width * a.height - b.width * b.height).slice(0, 1);
}

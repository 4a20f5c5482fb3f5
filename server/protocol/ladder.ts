/** One rendition that viewers get: the publisher's picture as it is, or one scaled into a box of pixels. */
export type LadderEntry = OriginalEntry | BoxEntry;

/** The publisher's own size and frame rate. */
interface OriginalEntry {
  readonly original: true;
}

/** A picture that fits into `width` × `height` (both even); without `fps` or `kbps` the encoder chooses. */
interface BoxEntry {
  readonly original: false;
  readonly width: number;
  readonly height: number;
  readonly fps?: number;
  readonly kbps?: number;
}

/** How an entry is written; settings and messages show it. */
export const LADDER_GRAMMAR = "ORIGINAL or WIDTHxHEIGHT with an optional -FPS and an optional ~KBPS";

/** 8192 pixels is the longest side that H.264 allows at any level. */
const SIDE = { min: 16, max: 8192 };
const FPS = { min: 1, max: 240 };
const KBPS = { min: 10, max: 240_000 };

const ENTRY = /^(?<width>\d+)x(?<height>\d+)(?:-(?<fps>\d+(?:\.\d+)?))?(?:~(?<kbps>\d+))?$/;

/**
 * Reads a comma list like `ORIGINAL,640x360-15~800`, in the order given. Odd sides are rounded up to even ones, which
 * the encoder needs. Throws an `Error` that names the entry and what is wrong with it.
 */
export function parseLadder(text: string): readonly LadderEntry[] {
  const entries = text.split(",").map((entry) => parseEntry(entry.trim()));
  const seen = new Set<string>();
  for (const entry of entries) {
    const written = formatLadderEntry(entry);
    if (seen.has(written)) throw new Error(`${written} is there twice`);
    seen.add(written);
  }
  return entries;
}

/** An entry as it is written in a ladder. */
export function formatLadderEntry(entry: LadderEntry): string {
  if (entry.original) return "ORIGINAL";
  const fps = entry.fps === undefined ? "" : `-${entry.fps}`;
  const kbps = entry.kbps === undefined ? "" : `~${entry.kbps}`;
  return `${entry.width}x${entry.height}${fps}${kbps}`;
}

function parseEntry(text: string): LadderEntry {
  if (text === "ORIGINAL") return { original: true };
  const groups = ENTRY.exec(text)?.groups;
  if (groups === undefined) {
    throw new Error(text === "" ? "an entry is empty" : `"${text}" is no entry`);
  }
  const inRange = (name: string, range: { min: number; max: number }) => {
    const value = Number(groups[name]);
    if (value >= range.min && value <= range.max) return value;
    throw new Error(`"${text}": ${name} must be from ${range.min} to ${range.max}`);
  };
  return {
    original: false,
    width: roundUpToEven(inRange("width", SIDE)),
    height: roundUpToEven(inRange("height", SIDE)),
    ...(groups.fps === undefined ? {} : { fps: inRange("fps", FPS) }),
    ...(groups.kbps === undefined ? {} : { kbps: inRange("kbps", KBPS) }),
  };
}

function roundUpToEven(pixels: number): number {
  return pixels + (pixels % 2);
}

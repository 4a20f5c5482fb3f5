import type { MediaTrack } from "../media/container.ts";
import { shownSize } from "../media/picture-facts.ts";
import { ASSUMED_FPS, fitLadder, type Picture, type Rung, type RungWish } from "./ladder.ts";

/** One track that the encoder is to make. */
export interface TrackPlan {
  /** Part of the track's addresses: `video0` is the first rung, `audio0` the sound. */
  readonly name: string;
  readonly kind: "video" | "audio";
  /** Passed through untouched. */
  readonly copy: boolean;
  /** Size in pixels, both even: whatever comes is fitted into it. Undefined for what is passed through, or unknown. */
  readonly size?: { readonly width: number; readonly height: number };
  /** The highest frame rate; undefined keeps the publisher's. */
  readonly fps?: number | undefined;
  /** Target bit rate in kbit/s; undefined for what is passed through. */
  readonly kbps?: number;
  /** Fields are to be made whole pictures before anything else. */
  readonly deinterlace?: true;
  /** H.264 level of an encoded picture, such as `3.1`; undefined when its size is not known. */
  readonly level?: string;
}

/** All tracks of one run of the encoder, and where their key frames come from. */
export interface EncodePlan {
  readonly tracks: readonly TrackPlan[];
  /** `source`: a rung is passed through, the others follow its key frames. `grid`: a key frame at every n × S. */
  readonly keys: "source" | "grid";
  /** Pictures of the ladder that are not made, because the encoder could not hold real time with them. */
  readonly dropped: readonly TrackPlan[];
}

/** What decides about a plan. */
export interface PlanOptions {
  readonly ladder: readonly RungWish[];
  /** The broadcast's first picture, which decides for all that come later; undefined for the first itself. */
  readonly first?: MediaTrack | undefined;
  readonly audioKbps: number;
  /** The publisher's H.264 may be passed through: its key frames come often enough to cut segments at them. */
  readonly mayCopy: boolean;
  /** Names of pictures that shall not be made. */
  readonly dropped?: ReadonlySet<string>;
}

/** A picture of this many bits per pixel and frame looks good with x264 veryfast. */
const BITS_PER_PIXEL = 0.1;
const ASSUMED_SIZE = { width: 1280, height: 720 };
const MIN_KBPS = 150;

/**
 * Decides which tracks to make of what the publisher sends (design.md, "Where segments are cut"): the first row of
 * that table is `keys: "source"`, the other two are `keys: "grid"`. Audio and video are each optional.
 */
export function planEncoding(source: readonly MediaTrack[], options: PlanOptions): EncodePlan {
  const video = source.find((track) => track.kind === "video");
  const audio = source.find((track) => track.kind === "audio");
  const picture = pictureOf(options.first ?? video);
  const ladder = video === undefined ? [] : fitLadder(options.ladder, picture ?? ASSUMED_SIZE);
  const all = ladder.map((rung, index) => ({
    name: `video${index}`,
    kind: "video" as const,
    ...planRung(rung, { source: video, picture, mayCopy: options.mayCopy }),
  }));
  const rungs = all.filter(({ name }) => options.dropped?.has(name) !== true);
  const dropped = all.filter((rung) => !rungs.includes(rung));
  const sound = audio === undefined ? [] : [planSound(options.audioKbps)];
  return { tracks: [...rungs, ...sound], keys: rungs.some((rung) => rung.copy) ? "source" : "grid", dropped };
}

function planSound(kbps: number): TrackPlan {
  return { name: "audio0", kind: "audio", copy: false, kbps };
}

interface RungSource {
  readonly source: MediaTrack | undefined;
  /** Undefined when its size is not known: it is as it comes then. */
  readonly picture: Picture | undefined;
  readonly mayCopy: boolean;
}

function planRung(rung: Rung, { source, picture, mayCopy }: RungSource): Omit<TrackPlan, "name" | "kind"> {
  const fields = source?.interlaced === true ? { deinterlace: true as const } : {};
  if (!rung.original) {
    const { width, height, fps } = rung;
    const size = { width, height };
    return { copy: false, size, fps, kbps: rung.kbps ?? kbpsFor(size, fps), level: levelFor(size, fps), ...fields };
  }
  if (mayCopy && source !== undefined && plays(source)) return { copy: true };
  if (picture === undefined) return { copy: false, kbps: kbpsFor(ASSUMED_SIZE), ...fields };
  const size = { width: 2 * Math.ceil(picture.width / 2), height: 2 * Math.ceil(picture.height / 2) };
  return { copy: false, size, kbps: kbpsFor(size), level: levelFor(size), ...fields };
}

/**
 * Whether viewers can be given the publisher's own picture: browsers and phones decode it, no player need turn it (which
 * CMAF forbids, ISO/IEC 23000-19 §7.5.4) or weave its fields.
 */
function plays({ codec, uncommon, interlaced, rotation }: MediaTrack): boolean {
  return codec === "h264" && uncommon !== true && interlaced !== true && rotation === undefined;
}

function pictureOf(video: MediaTrack | undefined): Picture | undefined {
  return video?.width === undefined || video.height === undefined ? undefined : shownSize(video);
}

/**
 * The picture that costs the encoder most, in pixels per second; undefined when it can do without none: what is passed
 * through costs nothing, and one picture stays.
 */
export function dearestPicture({ tracks }: Pick<EncodePlan, "tracks">): TrackPlan | undefined {
  const pictures = tracks.filter(({ kind }) => kind === "video");
  // What keeps the publisher's rate has at least that of all others.
  const highest = Math.max(ASSUMED_FPS, ...pictures.map(({ fps }) => fps ?? 0));
  const costOf = ({ size = ASSUMED_SIZE, fps = highest }: TrackPlan) => size.width * size.height * fps;
  const [dearest] = pictures.filter(({ copy }) => !copy).toSorted((a, b) => costOf(b) - costOf(a));
  return pictures.length > 1 ? dearest : undefined;
}

/** H.264 levels with their most macroblocks per frame and per second (ITU-T H.264, table A-1). */
const LEVELS = [
  ["3.0", 1_620, 40_500],
  ["3.1", 3_600, 108_000],
  ["3.2", 5_120, 216_000],
  ["4.0", 8_192, 245_760],
  ["4.2", 8_704, 522_240],
  ["5.1", 36_864, 983_040],
] as const;
const HIGHEST_LEVEL = "5.2";

/** Left to itself x264 takes the clock's ticks for the frame rate, and asks for decoders that few phones have. */
function levelFor({ width, height }: { width: number; height: number }, fps = 2 * ASSUMED_FPS): string {
  const blocks = Math.ceil(width / 16) * Math.ceil(height / 16);
  const fits = LEVELS.find(([, perFrame, perSecond]) => blocks <= perFrame && blocks * fps <= perSecond);
  return fits?.[0] ?? HIGHEST_LEVEL;
}

function kbpsFor(size: { width: number; height: number }, fps = ASSUMED_FPS): number {
  return Math.max(MIN_KBPS, Math.round((size.width * size.height * fps * BITS_PER_PIXEL) / 1000));
}

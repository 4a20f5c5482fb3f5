import { parseInit, type TrackInit } from "../../server/media/cmaf.ts";
import { Fields } from "../../server/media/fields.ts";
import { parseFragments } from "../../server/media/fragment.ts";
import { innerBoxes } from "../../server/media/inner-boxes.ts";
import { reasonOf } from "./rule.ts";

/** A producer reference time box (ISO/IEC 14496-12 §8.16.5). */
interface ReferenceTime {
  readonly trackId: number;
  /** Unix time in ms. */
  readonly wallMs: number;
  /** In ticks of the track. */
  readonly mediaTime: number;
}

/** What some bytes of a single-track CMAF stream hold: whole chunks. Times in ticks. */
export interface MediaFacts {
  /** Decode time of the first sample (tfdt). */
  readonly decodeTime: number;
  /** Earliest presentation time. */
  readonly start: number;
  readonly duration: number;
  readonly chunks: number;
  readonly startsWithKey: boolean;
  readonly hasKey: boolean;
  readonly referenceTimes: readonly ReferenceTime[];
}

/** An init segment, if it is one of a single track; a reason otherwise. */
export function readInit(bytes: Uint8Array): TrackInit | string {
  try {
    return parseInit(bytes);
  } catch (error) {
    return reasonOf(error);
  }
}

/** Reads whole chunks; a reason why not when the bytes are something else. */
export function readMedia(bytes: Uint8Array, init: TrackInit): MediaFacts | string {
  try {
    return factsOf(bytes, init);
  } catch (error) {
    return reasonOf(error);
  }
}

function factsOf(bytes: Uint8Array, init: TrackInit): MediaFacts | string {
  const boxes = innerBoxes(bytes);
  const fragments = boxes
    .filter(({ type }) => type === "moof")
    .flatMap(({ body }) => parseFragments(body, (id) => (id === init.trackId ? init.defaults : undefined)));
  const [first] = fragments;
  if (first?.decodeTime === undefined) return "no moof with a decode time";
  if (boxes.filter(({ type }) => type === "mdat").length < fragments.length) return "a moof without its mdat";
  return {
    decodeTime: first.decodeTime,
    start: Math.min(...fragments.map((fragment) => (fragment.decodeTime ?? 0) + fragment.earliestOffset)),
    duration: fragments.reduce((total, { duration }) => total + duration, 0),
    chunks: fragments.length,
    startsWithKey: init.kind === "audio" || first.startsWithKey,
    hasKey: init.kind === "audio" || fragments.some((f) => f.startsWithKey || f.laterKeyOffsets.length > 0),
    referenceTimes: boxes.filter(({ type }) => type === "prft").map(({ body }) => readReferenceTime(body)),
  };
}

/** Seconds from 1900 (NTP) to 1970 (Unix). */
const NTP_TO_UNIX = 2_208_988_800;

function readReferenceTime(body: Uint8Array): ReferenceTime {
  const fields = new Fields(body, "prft");
  const version = fields.u8();
  const trackId = fields.skip(3).u32();
  const wholeSeconds = fields.u32() - NTP_TO_UNIX;
  const wallMs = (wholeSeconds + fields.u32() / 2 ** 32) * 1000;
  return { trackId, wallMs, mediaTime: version === 0 ? fields.u32() : fields.u64() };
}

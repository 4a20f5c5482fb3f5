import { LiveError } from "../core/errors.ts";
import { codecString } from "./codec-string.ts";
import { parseFragments } from "./fragment.ts";
import { findBox, innerBoxes, needBox } from "./inner-boxes.ts";
import { type MovieTrack, parseMovie, type SampleDefaults } from "./movie.ts";
import { displaySize, soundOf } from "./track-shape.ts";

/** What the init segment (ftyp + moov) of a single-track CMAF stream says. */
export interface TrackInit {
  readonly kind: "video" | "audio";
  readonly trackId: number;
  /** Ticks per second of every time of this track. */
  readonly timescale: number;
  /** RFC 6381, as HLS CODECS and DASH @codecs want it. */
  readonly codecs: string;
  /** Pixels as displayed. */
  readonly width?: number;
  /** Pixels as displayed. */
  readonly height?: number;
  /** Of H.264: in how many bytes the length of each unit stands. */
  readonly lengthBytes?: number;
  /** Hz. */
  readonly sampleRate?: number;
  readonly channels?: number;
  /** From trex (ISO/IEC 14496-12 §8.8.3). */
  readonly defaults: SampleDefaults;
}

/** What one moof says about its chunk. All times in ticks of {@link TrackInit.timescale}. */
export interface ChunkInfo {
  /** Of the first sample (tfdt). Negative where FFmpeg lets the priming of AAC begin before 0. */
  readonly decodeTime: number;
  /** Earliest presentation time of all samples; may be below `decodeTime` (signed offsets), even negative. */
  readonly presentationTime: number;
  /** Sum of the samples' durations. */
  readonly duration: number;
  readonly samples: number;
  /** The first sample is a sync sample; always true for audio. */
  readonly startsWithKey: boolean;
  /** Presentation time of the first sample. */
  readonly keyTime: number;
}

/** Reads the init segment of a single-track CMAF stream: the bytes of ftyp and moov. */
export function parseInit(ftypPlusMoov: Uint8Array): TrackInit {
  const [track, ...others] = parseMovie(needBox(innerBoxes(ftypPlusMoov), "moov"));
  if (track === undefined || others.length > 0) {
    throw new LiveError("bad_container", `an init segment of one track was expected, this has ${others.length + 1}`);
  }
  const { trackId, timescale, entry, defaults } = track;
  const shared = { trackId, timescale, codecs: codecString(entry), defaults };
  if (track.handler === "vide") return { kind: "video", ...shared, ...displaySize(track), ...lengthBytes(track) };
  if (track.handler === "soun") return { kind: "audio", ...shared, ...soundOf(track) };
  throw new LiveError("bad_container", `a track of the kind '${track.handler}' is neither video nor audio`);
}

/** ISO/IEC 14496-15 §5.3.3.1. */
function lengthBytes({ entry }: MovieTrack): Pick<TrackInit, "lengthBytes"> {
  const configuration = findBox(entry.boxes, "avcC");
  return configuration === undefined ? {} : { lengthBytes: 1 + ((configuration[4] ?? 0) & 3) };
}

/** Reads a whole moof box of the track that `init` describes. */
export function parseChunk(moof: Uint8Array, init: TrackInit): ChunkInfo {
  const movieFragment = needBox(innerBoxes(moof), "moof");
  const [fragment] = parseFragments(movieFragment, (id) => (id === init.trackId ? init.defaults : undefined));
  if (fragment === undefined) throw new LiveError("bad_container", `a chunk has nothing of track ${init.trackId}`);
  const { decodeTime, duration, samples } = fragment;
  if (decodeTime === undefined) throw new LiveError("bad_container", "a chunk does not say its decode time");
  return {
    decodeTime,
    presentationTime: decodeTime + fragment.earliestOffset,
    duration,
    samples,
    startsWithKey: samples > 0 && (init.kind === "audio" || fragment.startsWithKey),
    keyTime: decodeTime + fragment.firstOffset,
  };
}

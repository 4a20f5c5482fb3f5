import { LiveError } from "../core/errors.ts";

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
  /** Hz. */
  readonly sampleRate?: number;
  readonly channels?: number;
  /** Per-sample defaults from trex (ISO/IEC 14496-12 §8.8.3), in ticks and bytes. */
  readonly defaults: { readonly duration: number; readonly size: number; readonly flags: number };
}

/** What one moof says about its chunk. All times in ticks of {@link TrackInit.timescale}. */
export interface ChunkInfo {
  /** Of the first sample (tfdt). */
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

/** Reads the init segment of a single-track CMAF stream: the bytes of ftyp and moov, in that order. */
export function parseInit(_ftypPlusMoov: Uint8Array): TrackInit {
  throw new LiveError("bad_container", "not built yet");
}

/** Reads a whole moof box of the track that `init` describes. */
export function parseChunk(_moof: Uint8Array, _init: TrackInit): ChunkInfo {
  throw new LiveError("bad_container", "not built yet");
}

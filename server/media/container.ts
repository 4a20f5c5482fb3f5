import { FlvGrammar } from "./flv-grammar.ts";
import { isMp4Box } from "./mp4-boxes.ts";
import { Mp4Grammar } from "./mp4-grammar.ts";
import { type Grammar, StreamScanner } from "./scanner.ts";
import { WebmGrammar } from "./webm-grammar.ts";

/**
 * The container a publisher sends, told by its header (`webm` and `matroska` differ by their DocType). `frames` are
 * length-prefixed images, which only a publisher on the port for them sends.
 */
export type ContainerKind = "webm" | "matroska" | "mp4" | "flv" | "frames";

/** One track of the publisher's container. */
export interface MediaTrack {
  /** Matroska TrackNumber, MP4 track_ID or the type of FLV tags. */
  readonly id: number;
  readonly kind: "video" | "audio";
  /** h264, hevc, vp8, vp9, av1, mjpeg, png, webp, opus, vorbis, aac, mp3, flac, pcm …, or the container's own id when it is another. */
  readonly codec: string;
  /** Pixels as coded. */
  readonly width?: number;
  /** Pixels. */
  readonly height?: number;
  /** How wide a pixel is, in its heights; absent where it is square or not told. */
  readonly pixelAspect?: number;
  /** By how many degrees the picture is to be turned before it is shown; absent where it is upright. */
  readonly rotation?: 90 | 180 | 270;
  /** Fields may be coded by themselves. */
  readonly interlaced?: true;
  /** H.264 that browsers do not decode: of more than 8 bits, or in other colours than 4:2:0. */
  readonly uncommon?: true;
  /** Hz. */
  readonly sampleRate?: number;
  readonly channels?: number;
}

/**
 * What a scanner found. Offsets are absolute: bytes since the first byte the scanner was fed, plus its `startOffset`.
 * Times are seconds on the container's own clock.
 *
 * - `init`: the bytes [offset, end) are the init bytes of a new epoch: what a decoder must be given first.
 * - `resync`: decoding can start with the init bytes, then `preamble`, then the stream's bytes from `offset` on.
 * - `frame`: a block or tag began (WebM, FLV), or a fragment's run of samples (MP4); `key` tells of its first sample.
 * - `damage`: from `offset` on there are bytes that are not this container's; reported once per lost stretch.
 */
export type ContainerEvent =
  | {
      readonly type: "init";
      readonly offset: number;
      readonly end: number;
      readonly kind: ContainerKind;
      readonly tracks: readonly MediaTrack[];
    }
  | { readonly type: "resync"; readonly offset: number; readonly time: number; readonly preamble?: Uint8Array }
  | {
      readonly type: "frame";
      readonly track: number;
      readonly kind: "video" | "audio";
      readonly time: number;
      readonly key: boolean;
    }
  | { readonly type: "damage"; readonly offset: number };

/** Follows one publisher's bytes, in pieces of any size, without keeping or copying the media in them. */
export interface ContainerScanner {
  /** Bytes kept from earlier chunks: part of one header, so 4 MiB at most (a moov), and a few bytes as a rule. */
  readonly heldBytes: number;
  /**
   * Returns what the chunk completed, in stream order. Throws `bad_container` for bytes that cannot be, but only until
   * the first init is complete; from then on that is a `damage` event. A scanner that threw is of no further use.
   */
  push(chunk: Uint8Array): ContainerEvent[];
  /**
   * Goes on at a resync point of the newest epoch, as if all up to there had been read; the next chunk begins at its
   * offset. Its own `resync` event may come again, at an offset up to the length of the preamble before it.
   */
  jump(point: { readonly offset: number; readonly preamble?: Uint8Array }): void;
  /** The stream is over. It may have been cut anywhere, so this never throws. */
  end(): void;
}

/** The families of containers that a scanner can be made for. */
export type ContainerFamily = "ebml" | "mp4" | "flv";

/** Tells the container by its first bytes; `undefined` means that more of them are needed (8 are always enough). */
export function sniffContainer(head: Uint8Array): ContainerFamily | "unknown" | undefined {
  for (const { family, start } of SIGNATURES) {
    const begins = start.every((byte, at) => at >= head.byteLength || head[at] === byte);
    if (begins) return head.byteLength >= start.length ? family : undefined;
  }
  if (head.byteLength < 8) return undefined;
  return isMp4Box(String.fromCharCode(...head.subarray(4, 8))) ? "mp4" : "unknown";
}

/** A scanner for a stream whose first byte lies at `startOffset`. */
export function createScanner(family: ContainerFamily, startOffset = 0): ContainerScanner {
  return new StreamScanner(GRAMMARS[family](), startOffset);
}

const GRAMMARS: Readonly<Record<ContainerFamily, () => Grammar>> = {
  ebml: () => new WebmGrammar(),
  mp4: () => new Mp4Grammar(),
  flv: () => new FlvGrammar(),
};

/** The EBML header's ID, and "FLV" with the only version there is. */
const SIGNATURES = [
  { family: "ebml", start: [0x1a, 0x45, 0xdf, 0xa3] },
  { family: "flv", start: [0x46, 0x4c, 0x56, 1] },
] as const;

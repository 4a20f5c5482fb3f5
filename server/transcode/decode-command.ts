import type { ContainerKind } from "../media/container.ts";
import { sourceOptions } from "./command.ts";

/** What is decoded of a broadcast: a small copy of its picture, or its sound. */
export type DecodeWish =
  | {
      readonly kind: "picture";
      /** Width in pixels; the height follows from the picture's shape. */
      readonly width: number;
      /** Pictures per second; undefined takes every one. */
      readonly fps: number | undefined;
    }
  | { readonly kind: "sound" };

/** One run of a decoder. */
export interface DecodeRequest {
  readonly wish: DecodeWish;
  readonly container: ContainerKind;
  readonly imageDecoder: string | undefined;
  /** As the publisher's container names it. */
  readonly pictureCodec?: string | undefined;
}

/** Samples per second and in each stretch of the sound that is handed over. */
const AUDIO_HZ = 48_000;
const STRETCH_SAMPLES = AUDIO_HZ / 20;
const CHANNELS = 2;
/** Sound may begin a little before 0, which Matroska cannot say: all times are moved by this much. In seconds. */
export const DECODE_LEAD_SECONDS = 1;
/** One picture at a time, and one thread for it: nobody waits for analysis, and it must not take the encoder's place. */
const ONE_THREAD = ["-threads", "1"];

/** The options of an FFmpeg that decodes what it reads from a pipe into Matroska without compression. */
export function decodeCommand({ wish, container, imageDecoder, pictureCodec }: DecodeRequest): {
  readonly inputOptions: readonly string[];
  readonly outputOptions: readonly string[];
} {
  const ofOtherKind = wish.kind === "picture" ? "-an" : "-vn";
  return {
    inputOptions: [
      ...ONE_THREAD,
      ...sourceOptions(container, wish.kind === "picture" ? { imageDecoder, pictureCodec } : {}),
    ],
    outputOptions: [
      ofOtherKind,
      ...(wish.kind === "picture" ? pictureOptions(wish) : soundOptions()),
      ...["-map_metadata", "-1", "-output_ts_offset", String(DECODE_LEAD_SECONDS)],
      ...["-flush_packets", "1", "-live", "1", "-cluster_size_limit", "1", "-f", "matroska"],
    ],
  };
}

/** The track of a decoder's output that the picture or the sound is; others only push. */
export const MAIN_TRACK = 1;

/**
 * FFmpeg holds a Matroska cluster back until the next block comes, and a block until each track has another one: at 5
 * pictures a second that is long. So a corner of each picture follows it on two tracks: the second, a moment later, makes
 * the muxer write the first, and that pushes the picture out.
 */
const PUSH = [
  "[0:v:0]FILTERS,split=3[picture][a][b]",
  "[a]crop=2:2:0:0[first]",
  "[b]crop=2:2:0:0,setpts=PTS+0.002/TB[second]",
].join(";");
const PUSH_MAPS = ["-map", "[picture]", "-map", "[first]", "-map", "[second]", "-max_interleave_delta", "1"];

function pictureOptions({ width, fps }: Extract<DecodeWish, { kind: "picture" }>): string[] {
  const small = [`scale=w=${width}:h='max(2,2*round(ih*${width}/iw/2))':flags=fast_bilinear`, "format=yuv420p"];
  const raw = ["-fps_mode", "passthrough", "-enc_time_base", "-1", "-c:v", "rawvideo"];
  if (fps === undefined) return ["-map", "0:v:0", "-filter_threads", "1", "-vf", small.join(","), ...raw];
  const filters = [`select='isnan(prev_selected_t)+${newCell(fps)}'`, ...small].join(",");
  const graph = ["-filter_complex_threads", "1", "-filter_complex", PUSH.replace("FILTERS", filters)];
  return [...graph, ...PUSH_MAPS, ...raw];
}

/** True for the first frame of every 1/fps. The quarter keeps frames in the middle of their cells, whatever their jitter. */
function newCell(fps: number): string {
  return `gt(floor(t*${fps}+0.25),floor(prev_selected_t*${fps}+0.25))`;
}

/** The same two channels that viewers get; lost packets become silence. */
function soundOptions(): string[] {
  return [
    ...["-map", "0:a:0", "-filter_threads", "1"],
    ...["-af", `aresample=${AUDIO_HZ}:async=1000,asetnsamples=n=${STRETCH_SAMPLES}:p=0`],
    ...["-c:a", "pcm_s16le", "-ac", String(CHANNELS)],
  ];
}

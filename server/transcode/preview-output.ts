import type { CommandOutput } from "./command.ts";
import { type PictureSize, sizeFilters } from "./size-filters.ts";

/** Which preview images are made: one every so many seconds, each of exactly this size, with bars where it needs them. */
export interface PreviewSettings extends PictureSize {
  readonly everySeconds: number;
}

/** The preview images of one run. Times in seconds on the publisher's clock. */
export interface PreviewRequest {
  readonly settings: PreviewSettings;
  /** Takes one POST per image; `%d` becomes its time in hundredths of a second since {@link zero}. */
  readonly url: string;
  /** The run's first picture. */
  readonly zero: number;
  /** When the next image is due, and the others at multiples of the distance from there; undefined: at the first picture. */
  readonly due: number | undefined;
  /** Key frames come at least as often as images are wanted: nothing else need be decoded for them. */
  readonly keysSuffice: boolean;
}

/** FFmpeg takes the number in a file's name as 32 bits: hundredths of a second are enough for eight months of one run. */
const TICKS_PER_SECOND = 100;
/** Half of the smallest step of WebM's clock. */
const EPSILON = 0.0005;
/** 2 is the best, 31 the worst: at 320x180 this is about 10 KB. */
const QUALITY = 5;

/**
 * Options that make a decoder for previews alone skip everything but key frames. The `u` applies them to streams whose
 * pixels are known, and so not while FFmpeg looks at the beginning: there it must decode, or it would start two seconds
 * late and with wrong decode times.
 */
export const KEYS_ONLY: readonly string[] = ["-skip_frame:u", "nokey"];

/**
 * One more output of the encoder: JPEGs. A fifo of FFmpeg's stands before it, so that an address that does not take an
 * image costs that image and nothing else.
 */
export function previewOutput(request: PreviewRequest): CommandOutput {
  return {
    url: request.url,
    options: [
      ...["-map", "0:v:0", "-vf", filters(request).join(",")],
      ...["-fps_mode", "passthrough", "-enc_time_base", `1:${TICKS_PER_SECOND}`],
      // Frame threads would hold back as many images as there are threads.
      ...["-c:v", "mjpeg", "-threads", "1", "-q:v", String(QUALITY), "-map_metadata", "-1"],
      ...["-f", "fifo", "-fifo_format", "image2", "-format_opts", "frame_pts=1:protocol_opts=method=POST"],
      ...["-queue_size", "8", "-drop_pkts_on_overflow", "1"],
      ...["-attempt_recovery", "1", "-recover_any_error", "1", "-max_recovery_attempts", "0"],
      ...["-recovery_wait_time", "0"],
    ],
  };
}

function filters({ settings, zero, due }: PreviewRequest): string[] {
  const since = (due ?? zero).toFixed(6);
  const cell = (time: string) => `floor((${time}-${since}+${EPSILON})/${settings.everySeconds})`;
  return [
    ...(due === undefined ? [] : [`select='gte(t,${(due - EPSILON).toFixed(6)})'`]),
    `select='isnan(prev_selected_t)+gt(${cell("t")},${cell("prev_selected_t")})'`,
    ...sizeFilters(settings),
    // What a JPEG is understood to be (JFIF): full range, and the colours of ITU-R BT.601.
    "scale=out_range=pc:out_color_matrix=bt601",
    "format=yuvj420p",
    `setpts=PTS-${zero.toFixed(6)}/TB`,
  ];
}

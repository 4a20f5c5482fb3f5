/** FFmpeg's H.264 encoders that Millrace knows how to use, by FFmpeg's names. */
export const ENCODERS = ["libx264", "h264_nvenc", "h264_vaapi", "h264_qsv", "h264_videotoolbox"] as const;

/** One of {@link ENCODERS}. */
export type EncoderName = (typeof ENCODERS)[number];

/** What one encoder wants to hear. */
export interface EncoderOptions {
  /** Before the input: devices, and what decodes on them. */
  readonly input: readonly string[];
  /** Behind all other filters: brings pictures to where it can read them. */
  readonly filters: readonly string[];
  /**
   * Chooses the encoder and makes it as quick as it can be: nothing waits for later frames, no key frame is of its own
   * choice, and every key frame that is asked for is one that decoding can start at (IDR).
   */
  readonly output: readonly string[];
  /** More frames than this between key frames are not asked for by its interface. */
  readonly longestGop: number;
  /** An H.264 level as it wants it written. */
  readonly level: (level: string) => string;
}

/** "No distance of your own": key frames come where they are forced. */
const NO_GOP = 99_999;
/** Intel's interface has 16 bits for it: half an hour of 30 fps. */
const LONGEST_GOP_16 = 65_535;

const asItIs = (level: string) => level;
/** As the number in the bit stream (level_idc). */
const asNumber = (level: string) => String(Math.round(Number(level) * 10));

const TABLE: Readonly<Record<EncoderName, EncoderOptions>> = {
  libx264: {
    input: [],
    filters: [],
    output: [
      "-pix_fmt",
      "yuv420p",
      "-c:v",
      "libx264",
      "-preset",
      "veryfast",
      "-tune",
      "zerolatency",
      "-sc_threshold",
      "0",
    ],
    longestGop: NO_GOP,
    level: asItIs,
  },
  h264_nvenc: {
    // What the card cannot decode FFmpeg decodes itself.
    input: ["-hwaccel", "cuda"],
    filters: [],
    output: [
      ...["-pix_fmt", "yuv420p", "-c:v", "h264_nvenc", "-preset", "p4", "-tune", "ll", "-rc", "vbr"],
      ...["-zerolatency", "1", "-delay", "0", "-no-scenecut", "1", "-forced-idr", "1"],
    ],
    longestGop: NO_GOP,
    level: asItIs,
  },
  h264_vaapi: {
    input: ["-init_hw_device", "vaapi=encoder", "-filter_hw_device", "encoder"],
    filters: ["format=nv12", "hwupload"],
    // Its forced key frames are always IDR.
    output: ["-c:v", "h264_vaapi", "-rc_mode", "VBR", "-async_depth", "1"],
    longestGop: NO_GOP,
    level: asNumber,
  },
  h264_qsv: {
    input: [],
    filters: [],
    output: [
      ...["-pix_fmt", "nv12", "-c:v", "h264_qsv", "-preset", "veryfast", "-async_depth", "1"],
      ...["-look_ahead", "0", "-adaptive_i", "0", "-forced_idr", "1"],
    ],
    longestGop: LONGEST_GOP_16,
    level: asNumber,
  },
  h264_videotoolbox: {
    input: [],
    filters: [],
    // Its forced key frames are always IDR.
    output: ["-pix_fmt", "nv12", "-c:v", "h264_videotoolbox", "-realtime", "1"],
    longestGop: NO_GOP,
    level: asItIs,
  },
};

/** How to use an encoder. */
export function encoderOptions(name: EncoderName): EncoderOptions {
  return TABLE[name];
}

/** What a picture of `kbps` is encoded with, behind its filters. */
export function encodeWith(name: EncoderName, kbps: number, level: string | undefined): string[] {
  const encoder = TABLE[name];
  return [
    ...encoder.output,
    ...["-bf", "0", "-g", String(encoder.longestGop)],
    ...(level === undefined ? [] : ["-level:v", encoder.level(level)]),
    // The peak is the rate itself, over two seconds.
    ...["-b:v", `${kbps}k`, "-maxrate", `${kbps}k`, "-bufsize", `${2 * kbps}k`],
  ];
}

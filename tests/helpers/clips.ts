import { makeMedia, VP8, VP9 } from "./media-ffmpeg.ts";

const H264 = ["-c:v", "libx264", "-preset", "ultrafast", "-tune", "zerolatency", "-pix_fmt", "yuv420p"];
/** A key frame about every second. */
const VPX = ["-b:v", "500k", "-g", "31"];
const OPUS = ["-c:a", "libopus", "-b:a", "64k"];
const MATROSKA = ["-f", "matroska", "-live", "1"];
const WEBM = ["-f", "webm", "-live", "1"];
const FRAGMENTED = ["-f", "mp4", "-movflags", "frag_keyframe+empty_moov+default_base_moof"];

const CLUSTER = Buffer.from([0x1f, 0x43, 0xb6, 0x75]);
const OPEN_GOP = ["-x264-params", "open-gop=1:keyint=30:min-keyint=30:b-adapt=0:scenecut=0"];
const INTRA_REFRESH = ["-x264-params", "intra-refresh=1:keyint=30"];

/** Key frames `seconds` apart, whatever the picture. */
export function keysEvery(seconds: number): string[] {
  return ["-force_key_frames", `expr:gte(t,n_forced*${seconds})`, "-g", "9999", "-sc_threshold", "0"];
}

/** What publishers send, by name: a moving test picture of 320×180 at 30 fps, and a tone. */
export const clips = {
  "H.264 and Opus in Matroska": (seconds: number) =>
    makeMedia({ seconds, video: [...H264, ...keysEvery(1.03)], audio: OPUS, output: MATROSKA }),
  "VP8 and Opus in WebM": (seconds: number) =>
    makeMedia({ seconds, video: [...VP8, ...VPX], audio: OPUS, output: WEBM }),
  "VP9 in WebM": (seconds: number) => makeMedia({ seconds, video: [...VP9, ...VPX], output: WEBM }),
  /** A relay that began to count anew: the second half has earlier times than the first. */
  "H.264 whose clock goes back": (seconds: number) => {
    const half = (from: number) => {
      const output = ["-output_ts_offset", String(from), ...MATROSKA];
      return makeMedia({ seconds: seconds / 2, video: [...H264, ...keysEvery(1.03)], audio: OPUS, output });
    };
    const [first, second] = [half(10), half(3)];
    return Buffer.concat([first, second.subarray(second.indexOf(CLUSTER))]);
  },
  /** A window that is shared and made larger half way; the clusters of both lie in one stream. */
  "VP8 that changes its size": (seconds: number) => {
    const half = (size: string, from: number) => {
      const output = ["-s", size, "-output_ts_offset", String(from), ...WEBM];
      return makeMedia({ seconds: seconds / 2, video: [...VP8, ...VPX], output });
    };
    const [first, second] = [half("160x90", 0), half("96x128", seconds / 2)];
    return Buffer.concat([first, second.subarray(second.indexOf(CLUSTER))]);
  },
  "MPEG-4 with B-frames in Matroska": (seconds: number) =>
    makeMedia({ seconds, video: ["-c:v", "mpeg4", "-g", "30", "-bf", "2"], output: MATROSKA }),
  "video only": (seconds: number) => makeMedia({ seconds, video: [...H264, ...keysEvery(1.03)], output: MATROSKA }),
  "audio only": (seconds: number) => makeMedia({ seconds, audio: OPUS, output: WEBM }),
  "H.264 and AAC in fragmented MP4": (seconds: number) =>
    makeMedia({ seconds, video: [...H264, ...keysEvery(1)], audio: ["-c:a", "aac"], output: FRAGMENTED }),
  "H.264 with B-frames in Matroska": (seconds: number) =>
    makeMedia({ seconds, video: [...H264, "-bf", "2", ...keysEvery(1.03)], audio: OPUS, output: MATROSKA }),
  /** Key frames but the first need what was before them. */
  "H.264 with an open GOP": (seconds: number) =>
    makeMedia({ seconds, video: [...H264, "-bf", "2", ...OPEN_GOP], audio: OPUS, output: MATROSKA }),
  "H.264 with intra refresh": (seconds: number) =>
    makeMedia({ seconds, video: [...H264, ...INTRA_REFRESH], audio: OPUS, output: MATROSKA }),
  /** OBS's default: 250 frames at 30 fps. */
  "H.264 with 8.3 s between key frames": (seconds: number) =>
    makeMedia({ seconds, video: [...H264, "-g", "250", "-bf", "2"], audio: OPUS, output: MATROSKA }),
};

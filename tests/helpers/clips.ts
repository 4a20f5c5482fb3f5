import { makeMedia, VP8, VP9 } from "./media-ffmpeg.ts";

const H264 = ["-c:v", "libx264", "-preset", "ultrafast", "-tune", "zerolatency", "-pix_fmt", "yuv420p"];
/** A key frame about every second. */
const VPX = ["-b:v", "500k", "-g", "31"];
const OPUS = ["-c:a", "libopus", "-b:a", "64k"];
const MATROSKA = ["-f", "matroska", "-live", "1"];
const WEBM = ["-f", "webm", "-live", "1"];
const FRAGMENTED = ["-f", "mp4", "-movflags", "frag_keyframe+empty_moov+default_base_moof"];

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
  "video only": (seconds: number) => makeMedia({ seconds, video: [...H264, ...keysEvery(1.03)], output: MATROSKA }),
  "audio only": (seconds: number) => makeMedia({ seconds, audio: OPUS, output: WEBM }),
  "H.264 and AAC in fragmented MP4": (seconds: number) =>
    makeMedia({ seconds, video: [...H264, ...keysEvery(1)], audio: ["-c:a", "aac"], output: FRAGMENTED }),
  "H.264 with B-frames in Matroska": (seconds: number) =>
    makeMedia({ seconds, video: [...H264, "-bf", "2", ...keysEvery(1.03)], audio: OPUS, output: MATROSKA }),
  /** OBS's default: 250 frames at 30 fps. */
  "H.264 with 8.3 s between key frames": (seconds: number) =>
    makeMedia({ seconds, video: [...H264, "-g", "250", "-bf", "2"], audio: OPUS, output: MATROSKA }),
};

import { spawnSync } from "node:child_process";

/** Runs the real FFmpeg and returns what it wrote to its standard output (`pipe:1`). */
export function ffmpeg(args: readonly string[], input?: Uint8Array): Buffer {
  return run("ffmpeg", ["-v", "error", ...args], input).stdout;
}

/** One decoded frame of the first stream. */
export interface DecodedFrame {
  /** Seconds. */
  readonly time: number;
  readonly checksum: string;
}

/** Decodes the first stream of these bytes; `errors` is empty when all of it decodes. */
export function decodeFrames(format: string, bytes: Uint8Array): { frames: DecodedFrame[]; errors: string } {
  const input = ["-v", "error", "-copyts", "-f", format, "-i", "pipe:0"];
  const output = ["-map", "0:0", "-fps_mode", "passthrough", "-enc_time_base", "1:1000000", "-f", "framecrc", "-"];
  const { stdout, stderr } = run("ffmpeg", [...input, ...output], bytes);
  const lines = stdout.toString().split("\n");
  const frames = lines
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map((line) => {
      const [, , time, , , checksum = ""] = line.split(",").map((field) => field.trim());
      return { time: Number(time) / 1e6, checksum };
    });
  return { frames, errors: stderr };
}

/** One packet as ffprobe sees it. */
export interface ProbedPacket {
  readonly kind: "video" | "audio";
  /** Presentation time in seconds. */
  readonly time: number;
  /** Seconds; NaN where the container has no decode times. */
  readonly decodeTime: number;
  readonly key: boolean;
}

/** Every packet of a file, in file order. */
export function probePackets(format: string, bytes: Uint8Array): ProbedPacket[] {
  const entries = ["-show_entries", "packet=codec_type,pts_time,dts_time,flags", "-of", "csv=p=0"];
  const { stdout } = run("ffprobe", ["-v", "error", "-f", format, "-i", "pipe:0", ...entries], bytes);
  return stdout
    .toString()
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => {
      const [kind, time, decodeTime, flags = ""] = line.split(",");
      return {
        kind: kind === "video" ? "video" : "audio",
        time: Number(time),
        decodeTime: Number(decodeTime),
        key: flags.startsWith("K"),
      };
    });
}

/** Makes `seconds` of a test picture and a tone, encoded as `encode` says, in the format and with the options given. */
export function makeMedia(options: {
  readonly seconds: number;
  readonly video?: readonly string[];
  readonly audio?: readonly string[];
  readonly output: readonly string[];
}): Buffer {
  const { seconds, video, audio, output } = options;
  const picture = video === undefined ? [] : ["-f", "lavfi", "-i", `testsrc2=s=320x180:r=30:d=${seconds}`];
  const tone = audio === undefined ? [] : ["-f", "lavfi", "-i", `sine=r=48000:d=${seconds}`];
  return ffmpeg([...picture, ...tone, ...(video ?? []), ...(audio ?? []), ...output, "pipe:1"]);
}

/** x264 made to be quick, with a key frame every half second. */
export const H264 = ["-c:v", "libx264", "-preset", "ultrafast", "-g", "15", "-bf", "0"];

/** The flags that a transcode's outputs are made with. */
export const CMAF = [
  ...["-f", "mp4", "-movflags", "+frag_keyframe+delay_moov+default_base_moof+cmaf+frag_discont"],
  ...["-frag_duration", "33000", "-flush_packets", "1"],
];

function run(command: string, args: readonly string[], input?: Uint8Array): { stdout: Buffer; stderr: string } {
  const { stdout, stderr, status, error } = spawnSync(command, args, { input, maxBuffer: 256 * 1024 * 1024 });
  if (error !== undefined) throw error;
  const words = stderr.toString();
  if (status !== 0 && stdout.byteLength === 0 && words === "") throw new Error(`${command} exited with ${status}`);
  return { stdout, stderr: words };
}

import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Runs the real FFmpeg and returns what it wrote to its standard output (`pipe:1`). */
export function ffmpeg(args: readonly string[], input?: Uint8Array): Buffer {
  return run("ffmpeg", ["-v", "error", ...args], input).stdout;
}

/** One decoded frame. */
export interface DecodedFrame {
  /** Seconds. */
  readonly time: number;
  readonly checksum: string;
}

/** Decodes the first track of this kind; `errors` is empty when all of it decodes. */
export function decodeFrames(
  format: string,
  bytes: Uint8Array,
  kind: "video" | "audio",
): { frames: DecodedFrame[]; errors: string } {
  const input = ["-v", "error", "-copyts", "-f", format, "-i", "pipe:0"];
  const output = [
    "-map",
    `0:${kind[0]}:0`,
    "-fps_mode",
    "passthrough",
    "-enc_time_base",
    "1:1000000",
    "-f",
    "framecrc",
    "-",
  ];
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

/** What to encode a test picture and a tone with; without options there is none of it. */
export interface Encoding {
  readonly seconds: number;
  readonly video?: readonly string[];
  readonly audio?: readonly string[];
  readonly output: readonly string[];
}

/** Makes `seconds` of a test picture and a tone, encoded as `encode` says, in the format and with the options given. */
export function makeMedia(options: Encoding): Buffer {
  return encode({ ...options, output: [...options.output, "pipe:1"] });
}

/** The same as a file that was finished: with sizes, an index, and what else needs going back. */
export function makeFile(options: Encoding): Buffer {
  const folder = mkdtempSync(join(tmpdir(), "media-"));
  try {
    const file = join(folder, "media");
    encode({ ...options, output: [...options.output, file] });
    return readFileSync(file);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/**
 * VP8 made to be quick, by one thread: several wait busily for each other, which takes eight times as much of the
 * processor for pictures as small as these.
 */
export const VP8 = ["-c:v", "libvpx", "-deadline", "realtime", "-cpu-used", "-8", "-threads", "1"];

/** The same of VP9. */
export const VP9 = ["-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-threads", "1"];

/** x264 made to be quick, with a key frame every half second. */
export const H264 = ["-c:v", "libx264", "-preset", "ultrafast", "-g", "15", "-bf", "0"];

function run(command: string, args: readonly string[], input?: Uint8Array): { stdout: Buffer; stderr: string } {
  const { stdout, stderr, status, error } = spawnSync(command, args, { input, maxBuffer: 256 * 1024 * 1024 });
  if (error !== undefined) throw error;
  const words = stderr.toString();
  if (status !== 0 && stdout.byteLength === 0 && words === "") throw new Error(`${command} exited with ${status}`);
  return { stdout, stderr: words };
}

function encode({ seconds, video, audio, output }: Encoding): Buffer {
  const picture = video === undefined ? [] : ["-f", "lavfi", "-i", `testsrc2=s=160x90:r=30:d=${seconds}`];
  const tone = audio === undefined ? [] : ["-f", "lavfi", "-i", `sine=r=48000:d=${seconds}`];
  return ffmpeg([...picture, ...tone, ...(video ?? []), ...(audio ?? []), ...output]);
}

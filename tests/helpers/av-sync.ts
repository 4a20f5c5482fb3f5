import { spawnSync } from "node:child_process";
import { ffmpeg } from "./media-ffmpeg.ts";

/** A flash and a beep at the beginning of every second, H.264 and Opus in Matroska, 96×64 at 30 fps. */
export function makeFlashAndBeep(seconds: number): Buffer {
  const beep = "aevalsrc='if(lt(mod(t,1),0.2),0.5*sin(2*PI*1000*t),0)':s=48000";
  const flash = "color=black:s=96x64:r=30,drawbox=c=white:t=fill:enable='lt(mod(t,1),0.2)'";
  const video = ["-c:v", "libx264", "-preset", "ultrafast", "-tune", "zerolatency", "-g", "31", "-pix_fmt", "yuv420p"];
  const inputs = ["-f", "lavfi", "-i", flash, "-f", "lavfi", "-i", beep, "-t", String(seconds)];
  return ffmpeg([...inputs, ...video, "-c:a", "libopus", "-f", "matroska", "-live", "1", "pipe:1"]);
}

/** When flashes and beeps begin, in seconds. */
export interface Onsets {
  readonly flashes: readonly number[];
  readonly beeps: readonly number[];
}

/** Finds the flashes and beeps in what plays at an address. */
export function findOnsets(address: string): Onsets {
  const flashes = log(["-i", address, "-an", "-vf", "blackframe=amount=50:threshold=60"]);
  const beeps = log(["-i", address, "-vn", "-af", "silencedetect=noise=-30dB:d=0.3"]);
  return { flashes: endsOfDarkness(flashes), beeps: numbers(beeps, /silence_end: ([\d.]+)/g) };
}

/** A flash begins with the first frame that is not black: one frame after the last black one of a row. */
function endsOfDarkness(text: string): number[] {
  const black = numbers(text, /pblack:\d+ pts:\d+ t:([\d.]+)/g);
  return black.filter((time, index) => (black[index + 1] ?? time) - time > 0.1).map((time) => time + 1 / 30);
}

function numbers(text: string, pattern: RegExp): number[] {
  return [...text.matchAll(pattern)].map(([, number]) => Number(number));
}

function log(args: readonly string[]): string {
  return spawnSync("ffmpeg", ["-hide_banner", "-copyts", ...args, "-f", "null", "-"], { encoding: "utf8" }).stderr;
}

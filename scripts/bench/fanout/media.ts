import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { findBox, innerBoxes, needBox } from "../../../server/media/inner-boxes.ts";
import { CMAF, type CmafTrack, cutCmaf } from "../../media/cmaf.ts";

/** Pictures a second of the broadcast that is fanned out. */
export const FRAME_RATE = 30;

/** A chunk that never was in the file: the loop's, with the time at which it is played. */
export interface LoopedChunk {
  /** The track's name in the presentation. */
  readonly track: "video0" | "audio0";
  readonly moof: Uint8Array;
  readonly mdat: Uint8Array;
  /** Where it ends, in seconds on the broadcast's timeline: a live encoder has it then, and no earlier. */
  readonly end: number;
}

/** The two tracks of the broadcast, each of which is played again and again. */
export interface Loop {
  readonly video: CmafTrack;
  readonly audio: CmafTrack;
}

/** Lets FFmpeg make `seconds` of 720p30 at 2.5 Mbit/s with a key frame a second, and sound, as files in `folder`. */
export function makeLoop(folder: string, seconds: number): void {
  const picture = [
    ...["-f", "lavfi", "-i", `testsrc2=s=1280x720:r=${FRAME_RATE}:d=${seconds},noise=alls=12:allf=t`],
    ...["-c:v", "libx264", "-preset", "veryfast", "-tune", "zerolatency", "-pix_fmt", "yuv420p", "-bf", "0"],
    ...["-b:v", "2500k", "-minrate", "2500k", "-maxrate", "2500k", "-bufsize", "1250k"],
    ...["-g", String(FRAME_RATE), "-sc_threshold", "0", "-video_track_timescale", "90000"],
  ];
  const sound = ["-f", "lavfi", "-i", `anoisesrc=r=48000:a=0.1:d=${seconds}`, "-c:a", "aac", "-b:a", "128k"];
  writeFileSync(join(folder, "video.mp4"), ffmpeg([...picture, ...CMAF, "pipe:1"]));
  writeFileSync(join(folder, "audio.mp4"), ffmpeg([...sound, ...CMAF, "pipe:1"]));
}

/** Reads what {@link makeLoop} has left. */
export function readLoop(folder: string): Loop {
  const read = (name: string) => cutCmaf(readFileSync(join(folder, name)));
  return { video: read("video.mp4"), audio: read("audio.mp4") };
}

/** Every chunk of both tracks in the order in which they end, from 0 s on and for ever. */
export function* playLoop({ video, audio }: Loop): Generator<LoopedChunk, never> {
  const pictures = repeat("video0", video);
  const sounds = repeat("audio0", audio);
  let [picture, sound] = [pictures.next().value, sounds.next().value];
  while (true) {
    if (sound.end < picture.end) {
      yield sound;
      sound = sounds.next().value;
    } else {
      yield picture;
      picture = pictures.next().value;
    }
  }
}

function* repeat(name: LoopedChunk["track"], { chunks, info }: CmafTrack): Generator<LoopedChunk, never> {
  for (let ticks = 0; ; ) {
    for (const { moof, mdat, info: chunk } of chunks) {
      const begin = ticks;
      ticks += chunk.duration;
      yield { track: name, ...beginningAt(moof, mdat, begin), end: ticks / info.timescale };
    }
  }
}

/** A copy of a chunk with another decode time, in one buffer of its own as if it had just been received. */
function beginningAt(moof: Uint8Array, mdat: Uint8Array, ticks: number): { moof: Uint8Array; mdat: Uint8Array } {
  const bytes = Buffer.allocUnsafeSlow(moof.byteLength + mdat.byteLength);
  bytes.set(moof);
  bytes.set(mdat, moof.byteLength);
  const copied = bytes.subarray(0, moof.byteLength);
  const fragment = needBox(innerBoxes(needBox(innerBoxes(copied), "moof")), "traf");
  const time = findBox(innerBoxes(fragment), "tfdt");
  if (time?.[0] !== 1) throw new Error("a chunk without a tfdt of version 1");
  new DataView(time.buffer, time.byteOffset).setBigUint64(4, BigInt(ticks));
  return { moof: copied, mdat: bytes.subarray(moof.byteLength) };
}

function ffmpeg(args: readonly string[]): Buffer {
  const { stdout, stderr, status } = spawnSync("ffmpeg", ["-v", "error", ...args], { maxBuffer: 256 * 1024 * 1024 });
  if (status !== 0) throw new Error(`no test picture: ${stderr}`);
  return stdout;
}

import type { ContainerKind } from "../media/container.ts";
import { DEMUXERS } from "./command.ts";
import { Ffmpeg } from "./ffmpeg.ts";

/** What to copy where. */
export interface RemuxJob {
  readonly from: string;
  readonly to: string;
  readonly container: ContainerKind;
}

/** Options that write a container which can be sought in. */
export const MUXERS: Readonly<Record<ContainerKind, readonly string[]>> = {
  webm: ["-f", "webm"],
  matroska: ["-f", "matroska"],
  mp4: ["-movflags", "+faststart", "-f", "mp4"],
  flv: ["-movflags", "+faststart", "-f", "mp4"],
};

/** Copies all tracks into a new file that has a duration and can be sought in: the same container, or MP4 for FLV. */
export async function remux(binary: string, job: RemuxJob, signal: AbortSignal): Promise<void> {
  await using ffmpeg = Ffmpeg.start({
    binary,
    input: job.from,
    inputOptions: ["-protocol_whitelist", "file", "-f", DEMUXERS[job.container]],
    outputs: [{ url: job.to, options: ["-map", "0", "-c", "copy", ...MUXERS[job.container]] }],
  });
  const stop = () => void ffmpeg[Symbol.asyncDispose]();
  signal.addEventListener("abort", stop, { once: true });
  try {
    await ffmpeg.finished;
    signal.throwIfAborted();
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

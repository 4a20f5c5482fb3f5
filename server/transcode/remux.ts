import type { ContainerKind } from "../media/container.ts";
import { DEMUXERS } from "./command.ts";
import { runToEnd } from "./run-to-end.ts";

/** A container that FFmpeg reads as it lies: images are for `remuxImages`. */
export type StreamKind = Exclude<ContainerKind, "frames">;

/** What to copy where. */
export interface RemuxJob {
  readonly from: string;
  readonly to: string;
  readonly container: StreamKind;
}

/** Options that write a container which can be sought in. */
export const MUXERS: Readonly<Record<StreamKind, readonly string[]>> = {
  webm: ["-f", "webm"],
  matroska: ["-f", "matroska"],
  mp4: ["-movflags", "+faststart", "-f", "mp4"],
  flv: ["-movflags", "+faststart", "-f", "mp4"],
};

/** Copies all tracks into a new file that has a duration and can be sought in: the same container, or MP4 for FLV. */
export function remux(binary: string, job: RemuxJob, signal: AbortSignal): Promise<void> {
  const convert = {
    binary,
    input: job.from,
    inputOptions: ["-protocol_whitelist", "file", "-f", DEMUXERS[job.container]],
    outputs: [{ url: job.to, options: ["-map", "0", "-c", "copy", ...MUXERS[job.container]] }],
  };
  return runToEnd(convert, signal);
}

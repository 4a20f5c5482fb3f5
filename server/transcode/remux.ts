import { isLiveError } from "../core/errors.ts";
import type { ContainerKind } from "../media/container.ts";
import { MAX_PIXELS } from "../media/limits.ts";
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
  // FLAC in MP4 counts as an experiment in FFmpeg 5.1.
  mp4: ["-strict", "-2", "-movflags", "+faststart", "-f", "mp4"],
  flv: ["-movflags", "+faststart", "-f", "mp4"],
};

const H264_AAC = ["-c:v", "libx264", "-preset", "veryfast", "-crf", "20", "-pix_fmt", "yuv420p", "-c:a", "aac"];
/** What each container can hold, where it has to be encoded. Quality before size: it is what is kept. */
export const CODECS: Readonly<Record<StreamKind, readonly string[]>> = {
  webm: ["-c:v", "libvpx", "-deadline", "realtime", "-cpu-used", "6", "-b:v", "4M", "-crf", "10", "-c:a", "libopus"],
  matroska: H264_AAC,
  mp4: H264_AAC,
  flv: H264_AAC,
};

const ALL = ["-map", "0"];
/** Phones and cameras put tracks of data into MP4 that FFmpeg cannot write again. */
const PLAYED = ["-map", "0:v?", "-map", "0:a?"];
const MAPS: Readonly<Record<StreamKind, readonly string[]>> = { webm: ALL, matroska: ALL, mp4: PLAYED, flv: PLAYED };

/**
 * Copies all tracks into a new file that has a duration and can be sought in: the same container, or MP4 for FLV. What that
 * cannot hold, such as Flash's own codecs, is encoded.
 */
export async function remux(binary: string, job: RemuxJob, signal: AbortSignal): Promise<void> {
  const { container, from, to } = job;
  const inputOptions = ["-max_pixels", String(MAX_PIXELS), "-protocol_whitelist", "file", "-f", DEMUXERS[container]];
  const write = (how: readonly string[], maps: readonly string[]) => {
    const outputs = [{ url: to, options: [...maps, ...how, ...MUXERS[container]] }];
    return runToEnd({ binary, input: from, inputOptions, outputs }, signal);
  };
  try {
    await write(["-c", "copy"], MAPS[container]);
  } catch (error) {
    if (!isLiveError(error, "encoder_failed")) throw error;
    await write(CODECS[container], PLAYED);
  }
}

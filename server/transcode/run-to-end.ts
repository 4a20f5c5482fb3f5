import { Ffmpeg, type FfmpegJob } from "./ffmpeg.ts";

/** Runs FFmpeg until it is done. Rejects when it fails, and with the signal's reason when that stops it. */
export async function runToEnd(job: FfmpegJob, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  await using ffmpeg = Ffmpeg.start(job);
  const stop = () => void ffmpeg[Symbol.asyncDispose]();
  signal.addEventListener("abort", stop, { once: true });
  try {
    await ffmpeg.finished;
    signal.throwIfAborted();
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

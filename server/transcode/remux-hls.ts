import { runToEnd } from "./run-to-end.ts";

/** Copies the first picture and the first sound of a finished HLS presentation on the disk into one MP4. */
export function remuxHls(
  binary: string,
  { playlist, to }: { readonly playlist: string; readonly to: string },
  signal: AbortSignal,
): Promise<void> {
  const inputOptions = ["-protocol_whitelist", "file", "-allowed_extensions", "ALL", "-f", "hls"];
  const options = ["-map", "0:v:0?", "-map", "0:a:0?", "-c", "copy", "-movflags", "+faststart", "-f", "mp4"];
  return runToEnd({ binary, input: playlist, inputOptions, outputs: [{ url: to, options }] }, signal);
}

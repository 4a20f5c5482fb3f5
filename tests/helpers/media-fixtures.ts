import { readFileSync } from "node:fs";
import { join } from "node:path";

/**
 * A file of tests/fixtures/media: the first seconds of what MediaRecorder of Chromium made, which writes clusters of
 * unknown size and MP4 fragments of whole groups of pictures, as FFmpeg does not.
 */
export function fixture(name: "chromium-vp9.webm" | "chromium-h264.mp4"): Buffer {
  return readFileSync(join(import.meta.dirname, "../fixtures/media", name));
}

import { createReadStream } from "node:fs";
import { open } from "node:fs/promises";
import { Readable } from "node:stream";
import { type ImageInfo, readImageInfo } from "../media/image-info.ts";
import { LENGTH_BYTES } from "../media/length-prefixed.ts";
import { imagesAsMatroska } from "./images.ts";
import { runToEnd } from "./run-to-end.ts";

/** An archive of images and when each of them came. */
export interface ImagesJob {
  /** Length-prefixed images of one kind and size. */
  readonly from: string;
  readonly to: string;
  /** By rising offset; Unix times in ms. */
  readonly arrivals: AsyncIterator<{ readonly offset: number; readonly atMs: number }>;
}

/** Enough of the first image to know it by. */
const HEAD_BYTES = 256 * 1024;
/** FFmpeg writes no Matroska with WebP in it: such images are encoded, with more care than live ones. */
const ENCODED = ["-c:v", "libx264", "-preset", "veryfast", "-crf", "18", "-bf", "0", "-pix_fmt", "yuv420p"];
const EVEN = ["-vf", "scale=w='trunc(iw/2)*2':h='trunc(ih/2)*2'"];

/** Makes a Matroska file with duration and cues of images, each at the time at which it came. */
export async function remuxImages(binary: string, job: ImagesJob, signal: AbortSignal): Promise<void> {
  const { codec } = await firstImage(job.from);
  const codecs =
    codec === "webp" ? [...ENCODED, ...EVEN, "-fps_mode", "passthrough", "-enc_time_base", "-1"] : ["-c", "copy"];
  const convert = {
    binary,
    input: Readable.from(pieces(job), { objectMode: false }),
    inputOptions: ["-protocol_whitelist", "pipe", "-c:v", codec, "-f", "matroska"],
    outputs: [{ url: job.to, options: ["-map", "0", ...codecs, "-f", "matroska"] }],
  };
  await runToEnd(convert, signal);
}

async function firstImage(path: string): Promise<ImageInfo> {
  await using file = await open(path);
  const { buffer, bytesRead } = await file.read(new Uint8Array(HEAD_BYTES));
  const info = readImageInfo(buffer.subarray(LENGTH_BYTES, bytesRead));
  if (info === undefined) throw new Error("the archive does not begin with an image");
  return info;
}

async function* pieces({ from, arrivals }: ImagesJob): AsyncGenerator<Uint8Array> {
  const timeAt = secondsOf(arrivals);
  try {
    for await (const { bytes } of imagesAsMatroska(createReadStream(from), { from: 0, timeAt })) {
      if (bytes.byteLength > 0) yield bytes;
    }
  } finally {
    await arrivals.return?.();
  }
}

/** Asked for rising offsets. What has no time of its own is left out; what came in one breath is a millisecond apart. */
function secondsOf(arrivals: ImagesJob["arrivals"]): (offset: number) => Promise<number | undefined> {
  let beganMs: number | undefined;
  let newestMs = -1;
  let at: { readonly offset: number; readonly atMs: number } = { offset: -1, atMs: 0 };
  return async (offset) => {
    while (at.offset < offset) {
      const next = await arrivals.next();
      if (next.done === true) return undefined;
      at = next.value;
    }
    if (at.offset !== offset) return undefined;
    beganMs ??= at.atMs;
    newestMs = Math.max(newestMs + 1, Math.round(at.atMs - beganMs));
    return newestMs / 1000;
  };
}

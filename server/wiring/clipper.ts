import { join } from "node:path";
import { cutClip } from "../packaging/clip.ts";
import type { CutFiles } from "../recordings/clips.ts";
import { remuxHls } from "../transcode/remux-hls.ts";

/** Cuts clips out of recordings: their segments, and all of them in one MP4 where one can hold them. */
export function clipper(binary: string): CutFiles {
  return async ({ file, ...job }, signal) => {
    const { isAlike, ...places } = await cutClip(job);
    if (isAlike) await remuxHls(binary, { playlist: join(job.to, "master.m3u8"), to: join(job.to, file) }, signal);
    return places;
  };
}

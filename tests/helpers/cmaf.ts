import { CMAF, type CmafChunk, type CmafTrack, cutCmaf } from "../../scripts/media/cmaf.ts";
import type { Presentation } from "../../server/packaging/presentation.ts";
import { type DecodedFrame, decodeFrames, ffmpeg } from "./media-ffmpeg.ts";

export { type CmafChunk, type CmafTrack, cutCmaf };

/** How a track is made. Seconds. */
export interface Making {
  readonly seconds: number;
  /** Time of the first frame. */
  readonly from?: number;
  /** Time between key frames. */
  readonly keysEvery?: number;
  /** Instead: the times of all key frames, on the track's own clock. */
  readonly keysAt?: readonly number[];
  readonly size?: string;
  readonly fps?: number;
  readonly bFrames?: number;
  /** Counted from the first frame: no frames come between these two. */
  readonly pause?: readonly [number, number];
}

/** A test picture as the server's encoder would send it, a chunk for every frame, times at 90 kHz. */
export function makePicture({ seconds, from = 2, keysEvery = 1, fps = 30, bFrames = 0, ...how }: Making): CmafTrack {
  const { pause } = how;
  const frames = pause === undefined ? [] : ["-vf", `select='not(between(t,${pause[0]},${pause[1]}))'`];
  const keys = how.keysAt?.map((time) => time - from).join(",") ?? `expr:gte(t,n_forced*${keysEvery})`;
  return cutCmaf(
    ffmpeg([
      ...["-f", "lavfi", "-i", `testsrc2=s=${how.size ?? "160x90"}:r=${fps}:d=${seconds}`],
      ...[...frames, "-fps_mode", "passthrough"],
      ...["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-bf", String(bFrames), "-b_strategy", "0"],
      ...["-g", "9999", "-sc_threshold", "0", "-force_key_frames", keys],
      ...[...CMAF, "-video_track_timescale", "90000", "-output_ts_offset", String(from), "pipe:1"],
    ]),
  );
}

/** A tone as the server's encoder would send it. */
export function makeSound({ seconds, from = 2 }: Making): CmafTrack {
  const tone = ["-f", "lavfi", "-i", `sine=r=48000:d=${seconds}`, "-c:a", "aac", "-b:a", "64k", "-ac", "2"];
  return cutCmaf(ffmpeg([...tone, ...CMAF, "-output_ts_offset", String(from), "pipe:1"]));
}

/** Every frame that a decoder makes of a single-track CMAF file, and what it complains about. */
export function decoded(bytes: Buffer): { frames: DecodedFrame[]; errors: string } {
  return decodeFrames("mp4", bytes, cutCmaf(bytes).kind);
}

/** The chunks whose presentation begins in [from, to), in seconds. */
export function between({ chunks, info }: CmafTrack, from: number, to: number): CmafChunk[] {
  return chunks.filter((chunk) => {
    const time = chunk.info.keyTime / info.timescale;
    return time >= from - 1e-6 && time < to - 1e-6;
  });
}

/** Gives a track of a presentation its init segment. */
export function beginTrack(presentation: Presentation, name: string, track: CmafTrack): void {
  presentation.track(name)?.begin(track.init);
}

/** Gives chunks to a presentation as the listener does: in the order of their times, sound woken by the picture. */
export function feed(presentation: Presentation, tracks: Readonly<Record<string, [CmafTrack, readonly CmafChunk[]]>>) {
  const all = Object.entries(tracks).flatMap(([name, [track, chunks]]) =>
    chunks.map((chunk) => ({ name, track, chunk, seconds: chunk.info.decodeTime / track.info.timescale })),
  );
  for (const { name, track, chunk } of all.toSorted((a, b) => a.seconds - b.seconds)) {
    presentation.track(name)?.add(chunk.moof, chunk.mdat);
    if (track.kind === "video") presentation.wakeSound();
  }
}

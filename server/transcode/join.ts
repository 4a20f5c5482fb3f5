import { rm, writeFile } from "node:fs/promises";
import { linesOf } from "../core/lines.ts";
import { MAX_PIXELS } from "../media/limits.ts";
import { DEMUXERS } from "./command.ts";
import type { FfmpegJob } from "./ffmpeg.ts";
import { CODECS, MUXERS, type StreamKind } from "./remux.ts";
import { runToEnd } from "./run-to-end.ts";

/** Containers that lie one after the other in a file, to be made one that plays them all. */
export interface JoinJob {
  readonly from: string;
  readonly to: string;
  readonly container: StreamKind;
  readonly containers: readonly { readonly kind: StreamKind; readonly start: number; readonly end: number }[];
}

/** What can follow what without encoding: everything that FFmpeg says of the tracks but their times. */
interface Shape {
  readonly text: string;
  readonly size: string | undefined;
  readonly hasSound: boolean;
  readonly seconds: number;
}

/**
 * Makes one file of several containers: copied when their tracks are alike, else all of them encoded alike, with black and
 * silence where one lacks what others have. What is without a single packet is left out.
 */
export async function joinContainers(binary: string, job: JoinJob, signal: AbortSignal): Promise<void> {
  const pieces: string[] = [];
  const list = `${job.to}.list.part`;
  const run = (ffmpeg: Omit<FfmpegJob, "binary">) => runToEnd({ binary, ...ffmpeg }, signal);
  try {
    const shapes = await Promise.all(job.containers.map((_, index) => shapeOf(job, index, run)));
    const known = shapes.filter((shape) => shape !== undefined);
    const isAlike = new Set(known.map(({ text }) => text)).size === 1;
    const size = known.find((shape) => shape.size !== undefined)?.size;
    const hasSound = known.some((shape) => shape.hasSound);
    for (const [index, shape] of shapes.entries()) {
      if (shape === undefined) continue;
      const url = `${job.to}.${index}.part`;
      pieces.push(url);
      const copy = ["-map", "0", "-c", "copy"];
      const options = isAlike ? copy : encodeLike(shape, { size, hasSound, container: job.container });
      await run({ ...inputOf(job, index), outputs: [{ url, options: [...options, "-f", "matroska"] }] });
    }
    await writeFile(list, ["ffconcat version 1.0", ...pieces.map((path) => `file ${quoted(path)}`), ""].join("\n"));
    const only = ["-format_whitelist", "concat,matroska,webm", "-protocol_whitelist", "file"];
    const options = ["-map", "0", "-c", "copy", ...MUXERS[job.container]];
    await run({
      input: list,
      inputOptions: [...only, "-f", "concat", "-safe", "0"],
      outputs: [{ url: job.to, options }],
    });
  } finally {
    for (const path of [list, ...pieces]) await rm(path, { force: true });
  }
}

type Run = (job: Omit<FfmpegJob, "binary">) => Promise<void>;

/** Reads a container where it lies, in the format that it is. */
function inputOf({ from, containers }: JoinJob, index: number): Pick<FfmpegJob, "input" | "inputOptions"> {
  const { kind, start, end } = containers[index] ?? { kind: "webm", start: 0, end: 0 };
  return {
    input: `subfile,,start,${start},end,${end},,:${from}`,
    inputOptions: ["-max_pixels", String(MAX_PIXELS), "-protocol_whitelist", "file,subfile", "-f", DEMUXERS[kind]],
  };
}

/** What a container's tracks are; undefined when there is nothing in it. */
async function shapeOf(job: JoinJob, index: number, run: Run): Promise<Shape | undefined> {
  const url = `${job.to}.${index}.shape.part`;
  const options = ["-map", "0", "-c", "copy", "-f", "framecrc"];
  try {
    await run({ ...inputOf(job, index), outputs: [{ url, options }] });
    const { header, seconds } = await readPackets(url);
    if (seconds === 0) return undefined;
    const kept = header.filter((line) => !/^#(software|tb|format|version)/.test(line));
    const size = kept.map((line) => /^#dimensions \d+: (\d+x\d+)/.exec(line)?.[1]).find((found) => found !== undefined);
    const hasSound = kept.some((line) => /^#media_type \d+: audio/.test(line));
    return { text: kept.join("\n"), size, hasSound, seconds };
  } catch (error) {
    // Nothing that could be read, such as a container that was announced and never came.
    if (error instanceof Error && error.name === "LiveError") return undefined;
    throw error;
  } finally {
    await rm(url, { force: true });
  }
}

/** Reads what FFmpeg's framecrc tells: its first lines, and from where to where the packets reach. */
async function readPackets(path: string): Promise<{ readonly header: string[]; readonly seconds: number }> {
  const header: string[] = [];
  const ticks = new Map<string, number>();
  let [begin, end] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for await (const line of linesOf(path)) {
    if (line.startsWith("#")) header.push(line);
    const [, stream = "", over, under] = /^#tb (\d+): (\d+)\/(\d+)/.exec(line) ?? [];
    if (stream !== "") ticks.set(stream, Number(over) / Number(under));
    const [, of = "", pts, duration] = /^(\d+), *-?\d+, *(-?\d+), *(\d+),/.exec(line) ?? [];
    const tick = ticks.get(of);
    if (tick === undefined) continue;
    begin = Math.min(begin, Number(pts) * tick);
    end = Math.max(end, (Number(pts) + Number(duration)) * tick);
  }
  return { header, seconds: Math.max(0, end - begin) };
}

function encodeLike(
  shape: Shape,
  { size, hasSound, container }: { size: string | undefined; hasSound: boolean; container: StreamKind },
): string[] {
  const [graph, maps]: [string[], string[]] = [[], []];
  if (size !== undefined) {
    const [width, height] = size.split("x").map((side) => Math.max(2, Math.floor(Number(side) / 2) * 2));
    const fit = `scale=${width}:${height}:force_original_aspect_ratio=decrease,pad=${width}:${height}:-1:-1,setsar=1`;
    graph.push(
      shape.size === undefined ? `color=black:s=${width}x${height}:r=30:d=${shape.seconds}[v]` : `[0:v:0]${fit}[v]`,
    );
    maps.push("-map", "[v]");
  }
  if (hasSound) {
    const format = "aresample=48000:async=1000,aformat=channel_layouts=stereo";
    graph.push(shape.hasSound ? `[0:a:0]${format}[a]` : `anullsrc=r=48000:cl=stereo:d=${shape.seconds}[a]`);
    maps.push("-map", "[a]");
  }
  // Key frames say anew what they are coded with: containers tell it only once.
  const inBand = container === "webm" ? [] : ["-bsf:v", "dump_extra=freq=keyframe"];
  const always = ["-g", "60", "-fps_mode", "passthrough", ...CODECS[container], ...inBand];
  return ["-filter_complex", graph.join(";"), ...maps, ...always];
}

function quoted(path: string): string {
  return `'${path.replaceAll("'", String.raw`'\''`)}'`;
}

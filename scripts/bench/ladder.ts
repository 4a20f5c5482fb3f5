import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { type LadderEntry, parseLadder } from "../../server/protocol/ladder.ts";
import { aboutSetting } from "../../server/settings.ts";
import { buildCommand } from "../../server/transcode/command.ts";
import { planEncoding } from "../../server/transcode/plan.ts";
import { startServer } from "../example/server-process.ts";
import { fetchText, until } from "../example/until.ts";
import { makeCamera } from "./load.ts";
import { type Benchmark, numberOption, type Row, round, textOption } from "./report.ts";
import { childrenCpuSeconds, cpuSeconds } from "./usage.ts";

const CODECS = ["h264", "vp8"] as const;
type Codec = (typeof CODECS)[number];

/** One ladder with one camera. */
interface Trial {
  readonly codec: Codec;
  readonly camera: Uint8Array;
  readonly seconds: number;
  readonly ladder: string;
  readonly folder: string;
}

/** What a run took. In seconds. */
interface Cost {
  readonly wall: number;
  readonly ffmpeg: number;
  readonly server: number;
}

/** How much of two cores a ladder takes, and what Millrace adds to the FFmpeg that does the work. */
export const ladder: Benchmark = {
  name: "ladder",
  about: "a 720p30 camera as fast as it can be encoded, next to a bare FFmpeg (--seconds 30 --ladder ORIGINAL,640x360)",
  run: async (args) => {
    const seconds = numberOption(args, "seconds", 30);
    const written = textOption(args, "ladder", aboutSetting("MILLRACE_LADDER")?.initial ?? "ORIGINAL");
    const rows: Row[] = [];
    for (const codec of CODECS) {
      const folder = await mkdtemp(join(tmpdir(), "millrace-bench-"));
      try {
        const trial = { codec, camera: makeCamera(codec, seconds), seconds, ladder: written, folder };
        // Twice each, in turns: a machine is not the same from one minute to the next.
        const bare = [await bareFfmpeg(trial)];
        const whole = [await millrace(trial)];
        bare.push(await bareFfmpeg(trial));
        whole.push(await millrace(trial));
        rows.push(...compare(trial, cheapest(bare), cheapest(whole)));
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    }
    return rows;
  },
};

function cheapest(costs: readonly Cost[]): Cost {
  const [first, ...others] = costs.toSorted((a, b) => a.ffmpeg + a.server - b.ffmpeg - b.server);
  if (first === undefined) throw new Error(`nothing was measured, ${others.length} times`);
  return first;
}

function compare({ codec, seconds, ladder: written }: Trial, bare: Cost, whole: Cost): Row[] {
  const row = (what: string, cost: Cost): Row => ({
    what: `${what}, ${codec}, ${written}`,
    "real-time factor": round(seconds / cost.wall, 2),
    "CPU of FFmpeg for a second of media, s": round(cost.ffmpeg / seconds, 3),
    "next to bare": round(cost.ffmpeg / bare.ffmpeg, 3),
    "CPU of the server, s": round(cost.server / seconds, 3),
    "all, next to bare": round((cost.ffmpeg + cost.server) / bare.ffmpeg, 3),
  });
  return [row("Millrace", whole), row("bare FFmpeg", bare)];
}

/** The same command, as fast as it goes, its tracks thrown away. */
async function bareFfmpeg({ codec, camera, ladder: written, folder }: Trial): Promise<Cost> {
  const input = join(folder, "camera");
  await writeFile(input, camera);
  const tracks = [
    { id: 1, kind: "video", codec, width: 1280, height: 720 },
    { id: 2, kind: "audio", codec: "opus" },
  ] as const;
  const { inputOptions, outputs } = buildCommand({
    plan: planEncoding(tracks, { ladder: wishes(parseLadder(written)), audioKbps: 128, mayCopy: true }),
    container: codec === "h264" ? "matroska" : "webm",
    encoder: "libx264",
    segmentSeconds: 2,
    offsetSeconds: 2,
    firstPicture: 0,
    urlOf: () => "/dev/null",
    resumeAt: () => undefined,
  });
  const own = inputOptions.map((option) => (option === "pipe" ? "file" : option));
  const outs = outputs.flatMap(({ options, url }) => [...withoutHttp(options), url]);
  const args = ["-y", "-nostdin", "-nostats", "-benchmark", "-loglevel", "info", ...own, "-i", input, ...outs];
  const child = spawn("ffmpeg", args, { stdio: ["ignore", "ignore", "pipe"] });
  const [words] = await Promise.all([text(child.stderr), once(child, "exit")]);
  const [, user, system, wall] = /bench: utime=([\d.]+)s stime=([\d.]+)s rtime=([\d.]+)s/.exec(words) ?? [];
  if (wall === undefined) throw new Error(`FFmpeg did not end well: ${words.slice(-500)}`);
  return { wall: Number(wall), ffmpeg: Number(user) + Number(system), server: 0 };
}

function wishes(entries: readonly LadderEntry[]) {
  return entries.map((entry) => (entry.original ? { original: true as const } : entry));
}

/** What only an address takes. */
function withoutHttp(options: readonly string[]): string[] {
  const names = ["-method", "-tcp_nodelay"];
  return options.filter((option, index) => !names.includes(option) && !names.includes(options[index - 1] ?? ""));
}

/** The whole server: the camera's bytes at once, until the last segment is there. */
async function millrace({ camera, seconds, ladder: written, folder }: Trial): Promise<Cost> {
  const server = await startServer({
    MILLRACE_PORT: "0",
    MILLRACE_DATA_DIR: join(folder, "data"),
    MILLRACE_LADDER: written,
    MILLRACE_LOG_LEVEL: "warn",
    // Neither is in the bare command.
    MILLRACE_PREVIEW_SECONDS: "0",
    MILLRACE_RECORD: "off",
    MILLRACE_MAX_KBPS: "10000000",
  });
  try {
    const idle = { own: cpuSeconds(server.pid), children: childrenCpuSeconds(server.pid) };
    const began = performance.now();
    await fetch(`${server.url}/publish/bench`, { method: "POST", body: Buffer.from(camera) });
    const limitMs = seconds * 10_000;
    await until({ what: "for the end", everyMs: 50, limitMs }, async () => {
      const master = await fetchText(`${server.url}/live/bench/master.m3u8`);
      const uri = master?.split("\n").find((line) => line.endsWith("/playlist.m3u8"));
      const playlist = uri === undefined ? undefined : await fetchText(`${server.url}/live/bench/${uri}`);
      return playlist?.includes("#EXT-X-ENDLIST") === true ? true : undefined;
    });
    return {
      wall: (performance.now() - began) / 1000,
      ffmpeg: childrenCpuSeconds(server.pid) - idle.children,
      server: cpuSeconds(server.pid) - idle.own,
    };
  } finally {
    await server.stop();
  }
}

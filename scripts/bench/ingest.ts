import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { buildCommand } from "../../server/transcode/command.ts";
import { planEncoding } from "../../server/transcode/plan.ts";
import { startServer } from "../example/server-process.ts";
import { fetchText, until } from "../example/until.ts";
import { makeCamera, paced, publishPaced } from "./load.ts";
import { type Benchmark, median, numberOption, type Row, round } from "./report.ts";
import { cpuShare, peakMemoryMiB, WARM_UP_SECONDS } from "./usage.ts";

/** What taking in a broadcast costs beside FFmpeg, next to the least that can be done and to FFmpeg's own DASH. */
export const ingest: Benchmark = {
  name: "ingest",
  about: "server CPU and memory for 1 and 8 publishers, next to a bare loop and `ffmpeg -f dash` (--seconds 20)",
  run: async (args) => {
    const seconds = numberOption(args, "seconds", 20);
    const camera = makeCamera("h264", seconds);
    const rows: Row[] = [];
    for (const publishers of [1, 8]) {
      rows.push(await millrace(camera, publishers, seconds));
      rows.push(await bareLoop(camera, publishers, seconds));
    }
    rows.push(await ffmpegDash("ffmpeg -i - -f dash, VP8", makeCamera("vp8", seconds), seconds, []));
    rows.push(await ffmpegDash("ffmpeg -i - -c copy -f dash, H.264", camera, seconds, ["-c", "copy"]));
    return rows;
  },
};

async function millrace(camera: Uint8Array, publishers: number, seconds: number): Promise<Row> {
  const dataDir = await mkdtemp(join(tmpdir(), "millrace-bench-"));
  const server = await startServer({
    MILLRACE_PORT: "0",
    MILLRACE_DATA_DIR: dataDir,
    MILLRACE_LADDER: "ORIGINAL",
    MILLRACE_LOG_LEVEL: "warn",
  });
  try {
    const channels = Array.from({ length: publishers }, (_, index) => `bench${index}`);
    const began = performance.now();
    const sending = Promise.all(
      channels.map((channel) =>
        publishPaced(`${server.url.replace("http", "ws")}/publish/${channel}`, camera, seconds),
      ),
    );
    const firstManifests = Promise.all(
      channels.map(async (channel) => {
        await until({ what: "for a manifest", everyMs: 20, limitMs: seconds * 1000 }, () =>
          fetchText(`${server.url}/live/${channel}/manifest.mpd`),
        );
        return (performance.now() - began) / 1000;
      }),
    );
    const cpu = await cpuShare(server.pid, seconds - WARM_UP_SECONDS - 1);
    await sending;
    return {
      what: `Millrace, ${publishers} × 2.5 Mbit/s`,
      "CPU of the server, % of a core": round(cpu.own * 100, 2),
      "per publisher": round((cpu.own * 100) / publishers, 2),
      "CPU of FFmpeg, % of a core": round(cpu.children * 100, 1),
      "peak memory of the server, MiB": round(peakMemoryMiB(server.pid), 0),
      "first manifest, s": round(median(await firstManifests), 2),
    };
  } finally {
    await server.stop();
    await rm(dataDir, { recursive: true, force: true });
  }
}

/** The same FFmpeg with the same arguments, its POSTs read away by this process. */
async function bareLoop(camera: Uint8Array, publishers: number, seconds: number): Promise<Row> {
  const sink = createServer((request, response) => {
    request.on("end", () => response.end()).resume();
  });
  await once(sink.listen(0, "127.0.0.1"), "listening");
  const { port } = sink.address() as AddressInfo;
  const tracks = [
    { id: 1, kind: "video", codec: "h264" },
    { id: 2, kind: "audio", codec: "opus" },
  ] as const;
  const { inputOptions, outputs } = buildCommand({
    plan: planEncoding(tracks, { ladder: [{ original: true }], audioKbps: 128, mayCopy: true }),
    container: "matroska",
    encoder: "libx264",
    segmentSeconds: 2,
    offsetSeconds: 2,
    firstPicture: 0,
    urlOf: (track) => `http://127.0.0.1:${port}/${track}`,
    resumeAt: () => undefined,
  });
  const args = [...inputOptions, "-i", "pipe:0", ...outputs.flatMap(({ options, url }) => [...options, url])];
  const child = spawn(
    process.execPath,
    ["--import", "tsx", "scripts/bench/bare-loop.ts", "ffmpeg", JSON.stringify(args)],
    {
      stdio: ["pipe", "pipe", "inherit"],
    },
  );
  try {
    const [line] = (await once(createInterface({ input: child.stdout }), "line")) as [string];
    const sending = Promise.all(
      Array.from({ length: publishers }, () => publishPaced(`ws://127.0.0.1:${line}/`, camera, seconds)),
    );
    const cpu = await cpuShare(child.pid ?? 0, seconds - WARM_UP_SECONDS - 1);
    await sending;
    return {
      what: `bare loop, ${publishers} × 2.5 Mbit/s`,
      "CPU of the server, % of a core": round(cpu.own * 100, 2),
      "per publisher": round((cpu.own * 100) / publishers, 2),
      "CPU of FFmpeg, % of a core": round(cpu.children * 100, 1),
      "peak memory of the server, MiB": round(peakMemoryMiB(child.pid ?? 0), 0),
    };
  } finally {
    child.stdin.end();
    await once(child, "exit");
    sink.closeAllConnections();
    sink.close();
  }
}

/** The source system's way: FFmpeg alone, fed in real time, writes DASH to a folder. */
async function ffmpegDash(what: string, camera: Uint8Array, seconds: number, options: readonly string[]): Promise<Row> {
  const folder = await mkdtemp(join(tmpdir(), "millrace-bench-"));
  const manifest = join(folder, "manifest.mpd");
  const child = spawn("ffmpeg", ["-v", "error", "-i", "-", ...options, "-f", "dash", manifest], {
    stdio: ["pipe", "ignore", "inherit"],
  });
  try {
    const began = performance.now();
    const feeding = feedPaced(child.stdin, camera, seconds);
    const first = until({ what: "for the manifest", everyMs: 20, limitMs: seconds * 1000 + 5_000 }, () => {
      return existsSync(manifest) ? (performance.now() - began) / 1000 : undefined;
    });
    const cpu = await cpuShare(child.pid ?? 0, seconds - WARM_UP_SECONDS - 1);
    await feeding;
    child.stdin.end();
    await once(child, "exit");
    const segments = readdirSync(folder).filter((file) => file.startsWith("chunk-stream0-")).length;
    const durations = [...readFileSync(manifest, "utf8").matchAll(/<S [^>]*d="(\d+)"/g)].map(([, ticks]) =>
      Number(ticks),
    );
    const timescale = Number(/timescale="(\d+)"/.exec(readFileSync(manifest, "utf8"))?.[1] ?? 1);
    return {
      what,
      "CPU of FFmpeg, % of a core": round(cpu.own * 100, 1),
      "first manifest, s": round(await first, 2),
      segments: `${segments}, the longest ${round(Math.max(...durations) / timescale, 1)} s`,
    };
  } finally {
    child.kill();
    await rm(folder, { recursive: true, force: true });
  }
}

async function feedPaced(stdin: NodeJS.WritableStream, camera: Uint8Array, seconds: number): Promise<void> {
  for await (const piece of paced(camera, seconds)) {
    if (!stdin.write(piece)) await once(stdin, "drain");
  }
}

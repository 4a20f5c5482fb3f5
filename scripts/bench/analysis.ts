import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { WebSocket } from "ws";
import { type AnalysisState, analysisState } from "../../server/protocol/analysis.ts";
import { channel } from "../../server/protocol/api.ts";
import { LIVE_SUBPROTOCOL, liveServerMessage } from "../../server/protocol/live.ts";
import { descendantsOf } from "../example/processes.ts";
import { startServer } from "../example/server-process.ts";
import { makeCamera, publishPaced } from "./load.ts";
import { type Benchmark, numberOption, type Row, round } from "./report.ts";
import { cpuShare, peakMemoryMiB, residentMiB, WARM_UP_SECONDS } from "./usage.ts";

/** What is compared: settings on top of those of every run. */
const RUNS: readonly (readonly [what: string, settings: Readonly<Record<string, string>>])[] = [
  ["off", {}],
  ["picture: motion, brightness, black, freeze, scene", { MILLRACE_ANALYSIS: "motion,brightness,black,freeze,scene" }],
  ["on: picture and sound", { MILLRACE_ANALYSIS: "on" }],
  ["on, and a module", { MILLRACE_ANALYSIS: "on", MILLRACE_ANALYSIS_MODULE: "scripts/analysis/red-light.mjs" }],
  ["on, every picture", { MILLRACE_ANALYSIS: "on", MILLRACE_ANALYSIS_FPS: "all" }],
];

/** What a broadcast costs with analysis and without, what is looked at, and how late events are. */
export const analysis: Benchmark = {
  name: "analysis",
  about:
    "CPU and memory of a broadcast with analysis and without, pictures looked at, lateness of events (--seconds 30)",
  run: async (args) => {
    const seconds = numberOption(args, "seconds", 30);
    const camera = makeCamera("h264", seconds);
    const rows: Row[] = [];
    for (const [what, settings] of RUNS) rows.push(await broadcast(what, settings, camera, seconds));
    return rows;
  },
};

async function broadcast(
  what: string,
  settings: Readonly<Record<string, string>>,
  camera: Uint8Array,
  seconds: number,
): Promise<Row> {
  const dataDir = await mkdtemp(join(tmpdir(), "millrace-bench-"));
  const base = { MILLRACE_PORT: "0", MILLRACE_DATA_DIR: dataDir, MILLRACE_LOG_LEVEL: "warn" };
  const server = await startServer({ ...base, ...settings });
  try {
    const late = new EventLateness(server.url);
    const sending = publishPaced(`${server.url.replace("http", "ws")}/publish/bench`, camera, seconds);
    const cpu = await cpuShare(server.pid, seconds - WARM_UP_SECONDS - 2);
    const state = await stateOf(server.url);
    const memory = descendantsOf(server.pid).reduce((sum, { pid }) => sum + residentMiB(pid), 0);
    const peak = peakMemoryMiB(server.pid);
    await sending;
    late.close();
    return {
      what,
      "CPU of the server, % of a core": round(cpu.own * 100, 1),
      "CPU of FFmpegs, % of a core": round(cpu.children * 100, 1),
      "peak memory of the server, MiB": round(peak, 0),
      "memory of FFmpegs, MiB": round(memory, 0),
      ...(state === null ? {} : { "pictures looked at": state.frames, dropped: state.dropped }),
      ...late.figures("brightness", "of the picture"),
      ...late.figures("loudness", "of the sound"),
    };
  } finally {
    await server.stop();
    await rm(dataDir, { recursive: true, force: true });
  }
}

async function stateOf(url: string): Promise<AnalysisState | null> {
  const response = await fetch(`${url}/api/v1/channels/bench`);
  return analysisState.nullable().parse(channel.parse(await response.json()).broadcast?.analysis ?? null);
}

/** Hears events over the live socket: how long after their moment reached the server they come. */
class EventLateness {
  readonly #socket: WebSocket;
  readonly #lateMs = new Map<string, number[]>();

  constructor(url: string) {
    this.#socket = new WebSocket(`${url.replace("http", "ws")}/live/bench/socket?wait=1&video=none`, LIVE_SUBPROTOCOL);
    this.#socket.on("message", (data, isBinary) => {
      const message = isBinary ? undefined : liveServerMessage.parse(JSON.parse(String(data)));
      if (message?.type !== "event" || message.event.shape !== "sample") return;
      const { type, at } = message.event;
      this.#lateMs.set(type, [...(this.#lateMs.get(type) ?? []), Date.now() - Date.parse(at)]);
    });
  }

  /** Of the samples of one type, those of the start left out. */
  figures(type: string, of: string): Row {
    const sorted = (this.#lateMs.get(type) ?? []).slice(WARM_UP_SECONDS).toSorted((a, b) => a - b);
    if (sorted.length === 0) return {};
    const at = (share: number) =>
      Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0);
    return { [`events ${of} late, p50, ms`]: at(0.5), [`${of}, p95, ms`]: at(0.95) };
  }

  close(): void {
    this.#socket.terminate();
  }
}

import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { cpuSeconds, residentMiB } from "../usage.ts";
import { Child, CORES } from "./child.ts";
import { type CrowdReport, crowdReport, type LoadCommand, type ServerOptions, serverReady } from "./talk.ts";

/** One of the servers that are compared. */
export interface Side {
  readonly who: string;
  readonly over: "socket" | "hls";
  /** The file of its process. */
  readonly file: string;
}

export const MILLRACE = "serve-millrace.ts";
export const BARE = { socket: "serve-ws.ts", hls: "serve-http.ts" } as const;

/** What one trial has shown. Shares are of one core. */
export interface Figures {
  readonly viewers: number;
  readonly cpuShare: number;
  readonly loadCpuShare: number;
  readonly bitsPerSecond: number;
  readonly answersPerSecond: number;
  /** Of pictures, in ms; infinite when viewers got nothing. */
  readonly p50: number;
  readonly p99: number;
  readonly kibPerViewer: number;
}

/** How quickly viewers come. */
export interface Pace {
  readonly perSecond: number;
  /** How long the last of them waits for its first picture. */
  readonly patienceMs: number;
}

const PATIENCE_MS = 10_000;
const JOINS_PER_SECOND = { socket: 300, hls: 150 } as const;
/** How long they watch before anything is measured. */
const SETTLE_MS = 1_500;

/** A server and viewers, each on their core. */
export class Trial implements AsyncDisposable {
  readonly #side: Side;
  readonly #server: Child;
  readonly #load: Child;

  static async start(side: Side, options: ServerOptions, nodeArguments: readonly string[] = []): Promise<Trial> {
    const trial = new Trial(side, options, nodeArguments);
    try {
      const { port, epochMs } = await trial.#server.hear(serverReady);
      await trial.#tell({ type: "aim", over: side.over, port, epochMs });
      return trial;
    } catch (error) {
      await trial[Symbol.asyncDispose]();
      throw error;
    }
  }

  private constructor(side: Side, options: ServerOptions, nodeArguments: readonly string[]) {
    this.#side = side;
    this.#server = new Child({
      file: side.file,
      core: CORES.server,
      options,
      nodeArguments: ["--expose-gc", ...nodeArguments],
    });
    this.#load = new Child({ file: "load.ts", core: CORES.load, options: {} });
  }

  /** Resident memory of the server. */
  get memoryMiB(): number {
    return residentMiB(this.#server.pid);
  }

  /** So many viewers more; settles when all have got something or have waited for too long. */
  async join(crowd: string, viewers: number, pace: Partial<Pace> = {}): Promise<void> {
    const { perSecond = JOINS_PER_SECOND[this.#side.over], patienceMs = PATIENCE_MS } = pace;
    await this.#tell({ type: "join", crowd, viewers, perSecond, limitMs: (viewers / perSecond) * 1000 + patienceMs });
  }

  /** Measures a crowd that watches for so long. */
  async measure(crowd: string, seconds: number, memoryBeforeMiB: number): Promise<Figures> {
    await this.begin();
    const before = { at: performance.now(), server: cpuSeconds(this.#server.pid), load: cpuSeconds(this.#load.pid) };
    await sleep(seconds * 1000);
    const elapsed = (performance.now() - before.at) / 1000;
    const cpuShare = (cpuSeconds(this.#server.pid) - before.server) / elapsed;
    const loadCpuShare = (cpuSeconds(this.#load.pid) - before.load) / elapsed;
    const report = await this.report(crowd);
    return {
      viewers: report.served,
      cpuShare,
      loadCpuShare,
      bitsPerSecond: (report.bytes * 8) / report.seconds,
      answersPerSecond: report.answers / report.seconds,
      p50: report.lateness?.p50 ?? Number.POSITIVE_INFINITY,
      p99: report.lateness?.p99 ?? Number.POSITIVE_INFINITY,
      kibPerViewer: ((this.memoryMiB - memoryBeforeMiB) * 1024) / Math.max(1, report.served),
    };
  }

  /** Forgets what was measured before. */
  async begin(): Promise<void> {
    await this.#tell({ type: "measure" });
  }

  async report(crowd: string): Promise<CrowdReport> {
    return this.#load.ask({ type: "report", crowd } satisfies LoadCommand, crowdReport);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#load[Symbol.asyncDispose]();
    await this.#server[Symbol.asyncDispose]();
  }

  async #tell(command: LoadCommand): Promise<void> {
    await this.#load.ask(command, z.object({}));
  }
}

/** What a trial has shown, and whether everybody got what they came for. */
export interface Outcome extends Figures {
  readonly asked: number;
  readonly problems: string;
}

/** One server, so many viewers, one measurement. */
export async function tryOut(
  side: Side,
  viewers: number,
  options: ServerOptions & { readonly measureSeconds: number; readonly profile?: string },
): Promise<Outcome> {
  const profile = options.profile === undefined ? [] : ["--cpu-prof", `--cpu-prof-dir=${options.profile}`];
  await using trial = await Trial.start(side, options, profile);
  const memoryBefore = trial.memoryMiB;
  await trial.join("viewers", viewers);
  await sleep(SETTLE_MS);
  const figures = await trial.measure("viewers", options.measureSeconds, memoryBefore);
  const { refused, failed } = await trial.report("viewers");
  const problems = [...Object.entries(refused), ...Object.entries(failed)].map(([why, count]) => `${count} × ${why}`);
  return { ...figures, asked: viewers, problems: problems.join(", ") };
}

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findLimit } from "./fanout/limit.ts";
import { makeLoop } from "./fanout/media.ts";
import { newcomers } from "./fanout/newcomers.ts";
import { buildPrograms } from "./fanout/programs.ts";
import type { ServerOptions } from "./fanout/talk.ts";
import { BARE, MILLRACE, type Outcome, type Side, tryOut } from "./fanout/trial.ts";
import { type Benchmark, median, numberOption, type Row, round } from "./report.ts";

/** Each side, next to what it is measured against. */
const PAIRS: readonly (readonly [Side, Side])[] = [
  [
    { who: "socket, Millrace", over: "socket", file: MILLRACE },
    { who: "socket, bare ws loop", over: "socket", file: BARE.socket },
  ],
  [
    { who: "LL-HLS, Millrace", over: "hls", file: MILLRACE },
    { who: "LL-HLS, bare node:http", over: "hls", file: BARE.hls },
  ],
];

/** Later than this, and a player that stays 0.1 s behind has run dry. */
const LATE_MS = 100;
/** A trial of the search for the limit measures for so long. */
const SEARCH_SECONDS = 4;
/** Limits are told within a seventh: the machine's noise is of that size. */
const SEARCH_PRECISION = 1.15;
/** When newcomers are tried, this share of those whom the server can serve are there, and as many more come. */
const RUSH = { there: 0.85, coming: 0.4, perSecond: 200 };
/** Starting, coming and settling of a trial, beside the time that is measured. */
const EXTRA_SECONDS = 45;

interface Plan {
  readonly viewers: Readonly<Record<Side["over"], number>>;
  readonly seconds: number;
  readonly runs: number;
  readonly max: number;
  readonly options: ServerOptions;
}

/** What a viewer costs, how late it is served and how many there can be, next to bare loops that send the same bytes. */
export const fanout: Benchmark = {
  name: "fanout",
  about:
    "CPU, lateness and memory of N viewers over the socket and LL-HLS, next to bare loops, and the most viewers of each " +
    "(--viewers 800 --hls-viewers 300 --seconds 8 --runs 3 --max 4000 --batch 0 --window 60 --loop 10)",
  run: async (args) => {
    const folder = await mkdtemp(join(tmpdir(), "millrace-bench-"));
    try {
      buildPrograms();
      makeLoop(folder, numberOption(args, "loop", 10));
      return await runAll(planOf(args, folder));
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
};

function planOf(args: readonly string[], folder: string): Plan {
  const seconds = numberOption(args, "seconds", 8);
  return {
    viewers: { socket: numberOption(args, "viewers", 800), hls: numberOption(args, "hls-viewers", 300) },
    seconds,
    runs: numberOption(args, "runs", 3),
    max: numberOption(args, "max", 4000),
    options: {
      folder,
      windowSeconds: numberOption(args, "window", 60),
      seconds: seconds + EXTRA_SECONDS,
      batchMs: numberOption(args, "batch", 0),
      refuses: false,
    },
  };
}

async function runAll(plan: Plan): Promise<Row[]> {
  const outcomes = new Map<Side, Outcome[]>(PAIRS.flat().map((side) => [side, []]));
  for (let run = 0; run < plan.runs; run++) {
    for (const [side, known] of outcomes) {
      known.push(await attempt(side, plan.viewers[side.over], plan, plan.seconds));
    }
  }
  const rows: Row[] = [];
  for (const pair of PAIRS) {
    const [ours, bare] = pair.map((side) => outcomes.get(side) ?? []);
    rows.push(costRow(pair[0], ours ?? []), costRow(pair[1], bare ?? []));
  }
  const most = new Map<Side, number>();
  for (const pair of PAIRS) rows.push(...(await limits(pair, plan, { outcomes, most })));
  for (const side of PAIRS.flat()) {
    const limit = most.get(side) ?? 0;
    const rush = { there: Math.ceil(limit * RUSH.there), coming: Math.ceil(limit * RUSH.coming) };
    rows.push(await newcomers(side, { ...rush, perSecond: RUSH.perSecond }, plan));
  }
  return rows;
}

async function attempt(side: Side, viewers: number, plan: Plan, measureSeconds: number): Promise<Outcome> {
  const outcome = await tryOut(side, viewers, { ...plan.options, measureSeconds });
  const { p99, cpuShare, loadCpuShare, problems } = outcome;
  const shares = `CPU ${round(cpuShare * 100, 1)} %, of the load ${round(loadCpuShare * 100, 1)} %`;
  console.error(`${side.who}, ${viewers} viewers: p99 ${round(p99, 1)} ms, ${shares} ${problems}`);
  return outcome;
}

function costRow(side: Side, outcomes: readonly Outcome[]): Row {
  const middle = (of: (outcome: Outcome) => number, digits: number) => round(median(outcomes.map(of)), digits);
  return {
    who: side.who,
    viewers: middle((o) => o.viewers, 0),
    "CPU %": middle((o) => o.cpuShare * 100, 1),
    "CPU µs per viewer and second": middle((o) => (o.cpuShare * 1e6) / o.viewers, 0),
    "CPU % per Gbit/s": middle((o) => (o.cpuShare * 100) / (o.bitsPerSecond / 1e9), 1),
    "CPU µs per message or request": middle((o) => (o.cpuShare * 1e6) / o.answersPerSecond, 1),
    "p50 late, ms": middle((o) => o.p50, 1),
    "p99 late, ms": middle((o) => o.p99, 1),
    "KiB per viewer": middle((o) => o.kibPerViewer, 0),
    "load CPU %": middle((o) => o.loadCpuShare * 100, 1),
  };
}

/** What is known of the sides. */
interface Known {
  readonly outcomes: ReadonlyMap<Side, readonly Outcome[]>;
  /** The most viewers that each can have. */
  readonly most: Map<Side, number>;
}

/** How many viewers each side of a pair can have. */
async function limits(pair: readonly [Side, Side], plan: Plan, { outcomes, most }: Known): Promise<Row[]> {
  const rows: Row[] = [];
  for (const side of pair) {
    let best: readonly Outcome[] = [];
    const search = { start: plan.viewers[side.over], max: plan.max, precision: SEARCH_PRECISION };
    const limit = await findLimit(search, async (viewers) => {
      const known = outcomes.get(side)?.filter(({ asked }) => asked === viewers) ?? [];
      const seconds = Math.min(plan.seconds, SEARCH_SECONDS);
      const tried = known.length > 0 ? known : [await attempt(side, viewers, plan, seconds)];
      const isFine = median(tried.map(({ p99 }) => p99)) <= LATE_MS && tried.every(({ problems }) => problems === "");
      if (isFine) best = tried;
      return isFine;
    });
    most.set(side, limit);
    rows.push({ ...costRow(side, best), who: `${side.who}, most with p99 ≤ ${LATE_MS} ms` });
  }
  const [ours, bare] = pair;
  const ratio = round((most.get(ours) ?? 0) / (most.get(bare) ?? 0), 2);
  return [...rows, { who: `${ours.who} / bare, most viewers`, viewers: ratio }];
}

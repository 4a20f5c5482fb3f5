import { readdirSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { descendantsOf } from "../example/processes.ts";
import { type ServerProcess, startServer } from "../example/server-process.ts";
import { fetchText, until } from "../example/until.ts";
import { makeCamera } from "./load.ts";
import { type Benchmark, numberOption, type Row, round } from "./report.ts";
import { crowd } from "./soak/crowd.ts";
import { type Clip, publishAgainAndAgain, sendRubbish, strikeEncoders } from "./soak/publishers.ts";
import { residentMiB } from "./usage.ts";

const CHANNELS = ["soak0", "soak1", "soak2"];
const VIEWERS = 12;
const CLIP_SECONDS = 15;
const ROUNDS = 10;
/** Rewind is short, so that what a round leaves in memory is gone soon after it. */
const WINDOW_SECONDS = 9;
/** After a round: windows have expired, and the process has had time to give memory back. */
const REST_MS = 20_000;
const LIMIT_MS = 120_000;

/** Publishers and viewers come and go, and faults strike, in ten rounds with a rest after each. */
export const soak: Benchmark = {
  name: "soak",
  about: "memory, handles and children of the server after each tenth of a long stormy run (--minutes 20)",
  run: async (args) => {
    const roundMs = (numberOption(args, "minutes", 20) * 60_000) / ROUNDS;
    const clip = { bytes: makeCamera("h264", CLIP_SECONDS), seconds: CLIP_SECONDS };
    const dataDir = await mkdtemp(join(tmpdir(), "millrace-bench-"));
    const settings = {
      MILLRACE_PORT: "0",
      MILLRACE_DATA_DIR: dataDir,
      MILLRACE_LOG_LEVEL: "silent",
      MILLRACE_LADDER: "ORIGINAL",
    };
    const server = await startServer({ ...settings, MILLRACE_WINDOW_SECONDS: String(WINDOW_SECONDS) });
    try {
      const rows: Row[] = [{ round: "before", ...(await atRest(server)) }];
      for (let count = 1; count <= ROUNDS; count++) {
        const row = { round: count, ...(await storm(server, clip, roundMs)), ...(await atRest(server)) };
        console.error(JSON.stringify(row));
        rows.push(row);
      }
      return rows;
    } finally {
      await server.stop();
      await rm(dataDir, { recursive: true, force: true });
    }
  },
};

async function storm({ url, pid }: ServerProcess, clip: Clip, forMs: number): Promise<Row> {
  const signal = AbortSignal.timeout(forMs);
  const [encoders, rubbish, , ...counts] = await Promise.all([
    strikeEncoders(pid, signal),
    sendRubbish(url, signal),
    crowd(url, CHANNELS, VIEWERS, signal),
    ...CHANNELS.map((channel) => publishAgainAndAgain(url, channel, clip, signal)),
  ]);
  return {
    broadcasts: counts.reduce((sum, { broadcasts }) => sum + broadcasts, 0),
    "not whole": counts.reduce((sum, { notWhole }) => sum + notWhole, 0),
    "encoders struck": encoders,
    "rubbish refused": rubbish,
  };
}

/** What the server holds once nobody is there. */
async function atRest({ url, pid }: ServerProcess): Promise<Row> {
  await until({ what: "for the last broadcast to be finished", limitMs: LIMIT_MS }, async () => {
    const text = (await fetchText(`${url}/api/v1/recordings`)) ?? "";
    return text.includes('"state":"recording"') || descendantsOf(pid).length > 0 ? undefined : true;
  });
  await sleep(REST_MS);
  return {
    "memory, MiB": round(residentMiB(pid), 1),
    handles: readdirSync(`/proc/${pid}/fd`).length,
    children: descendantsOf(pid).length,
  };
}

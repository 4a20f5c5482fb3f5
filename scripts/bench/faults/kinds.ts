import { setTimeout as sleep } from "node:timers/promises";
import { descendantsOf, type Process, survivors } from "../../example/processes.ts";
import { until } from "../../example/until.ts";
import { caughtUp, type Stage } from "./stage.ts";

const LIMIT_MS = 60_000;
/** How long a line that says nothing is taken for a live one, and how long a disk stays full. */
const SILENT_MS = 1_000;
const FULL_MS = 3_000;

/** Something that goes wrong; it resolves once its cause is over and the publisher goes on. */
export interface FaultKind {
  readonly name: string;
  readonly times: number;
  strike(stage: Stage): Promise<void>;
}

/** What the storm consists of. */
export const FAULTS: readonly FaultKind[] = [
  { name: "publisher's connection reset", times: 20, strike: (stage) => lose(stage, () => stage.proxy.cut()) },
  {
    name: "publisher's connection closed",
    times: 20,
    strike: (stage) => lose(stage, () => stage.publisher.drop("clean")),
  },
  { name: "publisher's line silent", times: 10, strike: silence },
  { name: "FFmpeg killed", times: 20, strike: (stage) => strikeEncoder(stage, "SIGKILL") },
  { name: "FFmpeg stopped", times: 10, strike: (stage) => strikeEncoder(stage, "SIGSTOP") },
  { name: "server killed", times: 10, strike: killServer },
  { name: "disk full", times: 5, strike: fillDisk },
];

async function lose(stage: Stage, how: () => void): Promise<void> {
  const { connections } = stage.publisher;
  how();
  await cameBack(stage, connections);
}

/** Nothing comes through, and nobody is told: the publisher makes another connection while the old one still stands. */
async function silence(stage: Stage): Promise<void> {
  const { connections } = stage.publisher;
  stage.proxy.isSilent = true;
  await sleep(SILENT_MS);
  stage.publisher.drop();
  stage.proxy.isSilent = false;
  await cameBack(stage, connections);
}

async function strikeEncoder(stage: Stage, signal: "SIGKILL" | "SIGSTOP"): Promise<void> {
  const encoder = await encoderOf(stage);
  process.kill(encoder.pid, signal);
  await until({ what: "for the encoder to be replaced", limitMs: LIMIT_MS, everyMs: 20 }, () =>
    survivors([encoder]).length === 0 ? true : undefined,
  );
  await encoderOf(stage);
}

async function killServer(stage: Stage): Promise<void> {
  const { connections } = stage.publisher;
  await stage.server.kill();
  await cameBack(stage, connections);
}

async function fillDisk(stage: Stage): Promise<void> {
  stage.data.fill();
  await sleep(FULL_MS);
  stage.data.clear();
  await caughtUp(stage);
}

async function cameBack(stage: Stage, before: number): Promise<void> {
  await until({ what: "for the publisher to be back", limitMs: LIMIT_MS, everyMs: 20 }, () =>
    stage.publisher.connections > before ? true : undefined,
  );
  await caughtUp(stage);
}

/** The FFmpeg that encodes: it lives longest, and there may be others for a moment. */
function encoderOf({ server }: Stage): Promise<Process> {
  return until({ what: "for an encoder", limitMs: LIMIT_MS, everyMs: 20 }, () =>
    descendantsOf(server.pid).find(({ name }) => name === "ffmpeg"),
  );
}

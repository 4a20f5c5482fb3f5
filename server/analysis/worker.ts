import { pathToFileURL } from "node:url";
import { parentPort, workerData } from "node:worker_threads";
import type { AnalyserName } from "../protocol/analysis.ts";
import { builtIn, OF_SOUND } from "./analysers/all.ts";
import type { Finding } from "./finding.ts";
import { type Frame, unpackFrame } from "./frame.ts";
import { type FromWorker, type ToWorker, workerJob } from "./worker-messages.ts";

/** What the thread runs: it loads this first, then answers each frame with what was found. */
interface Loaded {
  readonly wants: ("picture" | "sound")[];
  readonly analyze: (frame: Frame) => unknown;
}

function loadBuiltIn(names: readonly AnalyserName[]): Loaded {
  const analysers = builtIn(names);
  const wants = new Set(names.map((name) => (OF_SOUND.has(name) ? "sound" : "picture") as "picture" | "sound"));
  return {
    wants: [...wants],
    analyze: (frame) => analysers.flatMap((each): readonly Finding[] => each.analyze(frame)),
  };
}

async function loadModule(path: string): Promise<Loaded> {
  const module: unknown = await import(pathToFileURL(path).href);
  const analyze = memberOf(module, "analyze");
  if (typeof analyze !== "function") throw new Error("the module exports no function called analyze");
  const wants = memberOf(module, "wants");
  const asked = (["picture", "sound"] as const).filter((kind) => Array.isArray(wants) && wants.includes(kind));
  return {
    wants: asked.length === 0 ? ["picture"] : asked,
    analyze: (frame) => Reflect.apply(analyze, undefined, [frame]),
  };
}

function memberOf(module: unknown, name: string): unknown {
  return typeof module === "object" && module !== null && name in module ? Reflect.get(module, name) : undefined;
}

const job = workerJob.parse(workerData);
const { wants, analyze } = "analysers" in job ? loadBuiltIn(job.analysers) : await loadModule(job.module);

parentPort?.on("message", (parcel: ToWorker) => {
  // A rejection that nobody catches ends this thread, and the one that started it says why.
  void answer(parcel);
});
const ready: FromWorker = { type: "ready", wants };
parentPort?.postMessage(ready);

async function answer(parcel: ToWorker): Promise<void> {
  const found = (await analyze(unpackFrame(parcel))) ?? [];
  const { external, arrayBuffers } = process.memoryUsage();
  const outsideBytes = Math.max(external, arrayBuffers);
  // What is no list of findings is refused by the other side, which trusts nothing of this.
  parentPort?.postMessage({ type: "done", findings: found, outsideBytes });
}

import { spawnSync } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { Scope } from "../../server/core/scope.ts";
import { fetchText, until } from "../example/until.ts";
import { FAULTS, type FaultKind } from "./faults/kinds.ts";
import { buildStage, hashOfSource, missingBytes, type Stage } from "./faults/stage.ts";
import { type Benchmark, median, numberOption, type Row, textOption } from "./report.ts";

const LIMIT_MS = 60_000;
/** More than any viewer has in its buffer. */
const BUFFERED_MS = 3_000;

/** A storm of faults over one broadcast that goes on through all of them. */
export const faults: Benchmark = {
  name: "faults",
  about:
    "what 95 faults in one broadcast cost: bytes lost, pictures missed (--part 1 of them --only WORDS in the name)",
  run: async (args) => {
    await using scope = new Scope();
    const stage = await buildStage(scope);
    const part = numberOption(args, "part", 1);
    const only = textOption(args, "only", "");
    const chosen = FAULTS.filter(({ name }) => name.includes(only));
    const possible = chosen.filter(({ name }) => stage.data.isOwnDisk || name !== "disk full");
    const log = new Map(possible.map((kind) => [kind, [] as Outcome[]]));
    for (const kind of inTurns(possible, part)) {
      // Not in step with segments and key frames.
      await sleep(500 + 1000 * Math.random());
      log.get(kind)?.push(await outcomeOf(kind, stage));
    }
    return [...[...log].map(([{ name }, outcomes]) => summary(name, outcomes)), await verdict(stage)];
  },
};

/** What one fault did. */
interface Outcome {
  readonly missingBytes: number;
  /** The longest time without a new picture in ms, by delivery. */
  readonly gaps: Readonly<Record<string, number>>;
}

async function outcomeOf(kind: FaultKind, stage: Stage): Promise<Outcome> {
  console.error(kind.name);
  const sinceMs = Date.now();
  await kind.strike(stage);
  // Until then viewers show what they had before.
  await sleep(BUFFERED_MS);
  const gaps = await Promise.all(
    stage.watchers.map(async (watcher) => [watcher.delivery, await watcher.longestGapSince(sinceMs)] as const),
  );
  const outcome = { missingBytes: missingBytes(stage), gaps: Object.fromEntries(gaps) };
  console.error(JSON.stringify(outcome));
  return outcome;
}

/** Each kind as often as it says, spread evenly over the whole storm. */
function inTurns(kinds: readonly FaultKind[], part: number): FaultKind[] {
  const struck = kinds.flatMap((kind) => {
    const times = Math.max(1, Math.round(kind.times * part));
    return Array.from({ length: times }, (_, index) => ({ kind, place: (index + 0.5) / times }));
  });
  return struck.toSorted((a, b) => a.place - b.place).map(({ kind }) => kind);
}

function summary(name: string, outcomes: readonly Outcome[]): Row {
  const gapsOf = (delivery: string) => outcomes.map(({ gaps }) => gaps[delivery] ?? Number.NaN);
  const figures = ["socket", "hls"].flatMap((delivery) => [
    [`${delivery}: no new picture for, ms (p50)`, Math.round(median(gapsOf(delivery)))],
    [`${delivery} (max)`, Math.round(Math.max(...gapsOf(delivery)))],
  ]);
  return {
    fault: name,
    times: outcomes.length,
    "acknowledged and missing, bytes": Math.max(0, ...outcomes.map(({ missingBytes: bytes }) => bytes)),
    ...Object.fromEntries(figures),
  };
}

/** The broadcast ends; what was recorded is compared with what was made, and decoded from start to end. */
async function verdict(stage: Stage): Promise<Row> {
  const made = await stage.camera.stop();
  const { code } = await stage.publisher.end();
  const { broadcast } = stage.publisher;
  const recording = `${stage.server.url}/recordings/${broadcast}`;
  const items = await until({ what: "for the recording", limitMs: LIMIT_MS }, async () => {
    const text = await (await fetch(`${stage.server.url}/api/v1/recordings`)).text();
    return text.includes('"state":"recording"') ? undefined : text;
  });
  // What a full disk kept from being written is made again from the archive.
  await until({ what: "for its playlists", limitMs: LIMIT_MS }, () => fetchText(`${recording}/master.m3u8`));
  return {
    recording: "the whole storm",
    "recordings made": items.split('"id":').length - 1,
    "publisher's close code": code,
    "archive equals what was recorded": made === (await hashOfSource(stage)) ? "yes" : "NO",
    "errors in decoding the archive": decodingErrors(`${recording}/source`),
    "errors in decoding its HLS": decodingErrors(`${recording}/master.m3u8`),
  };
}

function decodingErrors(url: string): number {
  const { stderr } = spawnSync("ffmpeg", ["-v", "error", "-i", url, "-f", "null", "-"], { encoding: "utf8" });
  if (stderr !== "") console.error(stderr.slice(0, 2000));
  return stderr.split("\n").filter((line) => line !== "").length;
}

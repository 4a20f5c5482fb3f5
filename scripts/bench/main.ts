import { analysis } from "./analysis.ts";
import { api } from "./api.ts";
import { drift } from "./drift.ts";
import { fanout } from "./fanout.ts";
import { faults } from "./faults.ts";
import { frames } from "./frames.ts";
import { ingest } from "./ingest.ts";
import { ladder } from "./ladder.ts";
import { latency } from "./latency.ts";
import { players } from "./players.ts";
import { type Benchmark, formatTable } from "./report.ts";
import { soak } from "./soak.ts";
import { statistics } from "./statistics.ts";

const benchmarks: readonly Benchmark[] = [
  ingest,
  frames,
  fanout,
  drift,
  latency,
  ladder,
  analysis,
  players,
  faults,
  soak,
  statistics,
  api,
];

const [name, ...rest] = process.argv.slice(2);
const chosen = benchmarks.find((benchmark) => benchmark.name === name);

if (chosen === undefined) {
  if (name !== undefined) console.error(`There is no benchmark called ${name}.`);
  for (const { name: known, about } of benchmarks) console.log(`npm run bench -- ${known.padEnd(10)} ${about}`);
  process.exitCode = name === undefined ? 0 : 1;
} else {
  const rows = await chosen.run(rest.filter((argument) => argument !== "--"));
  console.log(formatTable(rows));
  console.log(JSON.stringify({ benchmark: chosen.name, node: process.version, rows }));
}

import { numberOption } from "../bench/report.ts";
import { keep, readCorpus } from "./corpus.ts";
import { Finding, fuzz } from "./fuzz.ts";
import { targets } from "./targets.ts";

const [name, ...options] = process.argv.slice(2);
const target = targets.find((each) => each.name === name);
if (target === undefined) {
  console.log(`npm run fuzz -- TARGET --seconds 60\nTargets: ${targets.map((each) => each.name).join(", ")}`);
  process.exitCode = name === undefined ? 0 : 1;
} else {
  const seconds = numberOption(options, "seconds", 60);
  const seed = numberOption(options, "seed", Date.now() % 2 ** 31);
  const untilMs = performance.now() + seconds * 1000;
  try {
    const { rounds, fresh } = fuzz(target, readCorpus(target.name), {
      seed,
      rounds: Number.POSITIVE_INFINITY,
      untilMs,
    });
    const files = keep(target.name, fresh);
    console.log(`${target.name}: ${rounds} inputs from seed ${seed}, ${files.length} led somewhere new and were kept`);
  } catch (error) {
    if (!(error instanceof Finding)) throw error;
    console.error(
      `${error.message}\nThe input is ${keep(target.name, [error.input])[0]}: it belongs to the corpus once it is mended.`,
    );
    process.exitCode = 1;
  }
}

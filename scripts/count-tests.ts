import { readFileSync } from "node:fs";
import { z } from "zod";

/** What we read of the file that jest writes for `--json --outputFile`. */
const results = z.object({
  success: z.boolean(),
  numPassedTests: z.number(),
  numFailedTests: z.number(),
  numRuntimeErrorTestSuites: z.number(),
});

/** Prints `PASSED FAILED` for one run of jest; a run that failed without a failed test counts as one. */
function main(file: string): void {
  const run = results.parse(JSON.parse(readFileSync(file, "utf8")));
  const failed = run.numFailedTests + run.numRuntimeErrorTestSuites;
  console.log(run.numPassedTests, run.success ? failed : Math.max(failed, 1));
}

main(process.argv[2] ?? "");

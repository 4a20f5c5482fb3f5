import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { diskTrouble } from "./disk.ts";

/** Makes the data folder. One that cannot be written is told of at once; what is recorded in it can be watched. */
export async function openDataDir(
  dataDir: string,
  report: (event: string, details: Record<string, unknown>) => void,
): Promise<void> {
  await mkdir(dataDir, { recursive: true }).catch((error: unknown) => {
    throw new Error(`MILLRACE_DATA_DIR=${dataDir}: ${diskTrouble(error)}`, { cause: error });
  });
  const attempt = join(dataDir, `attempt-${process.pid}`);
  await writeFile(attempt, "attempt")
    .catch((error: unknown) => report("the data folder cannot be written", { dataDir, reason: diskTrouble(error) }))
    .finally(() => rm(attempt, { force: true }).catch(() => {}));
}

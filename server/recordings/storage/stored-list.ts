import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { writeWhole } from "../../core/files.ts";

/** Name of the list in a recording's folder. */
export const STORED_NAME = "stored.json";

const storedList = z.object({
  /** Keys of its files begin with this. */
  prefix: z.string(),
  files: z.array(z.string()),
});

/** What of a recording is kept in the store: written when all of it is there. */
export type StoredList = z.infer<typeof storedList>;

/** Undefined when nothing is kept elsewhere, or not all of it yet. */
export async function readStoredList(folder: string): Promise<StoredList | undefined> {
  try {
    return storedList.parse(JSON.parse(await readFile(join(folder, STORED_NAME), "utf8")));
  } catch {
    return undefined;
  }
}

export async function writeStoredList(folder: string, list: StoredList): Promise<void> {
  await writeWhole(join(folder, STORED_NAME), `${JSON.stringify(list)}\n`, { durable: true });
}
